import { invalidOption } from '@hotpath/core/base'
import { z } from 'zod'

/** How the cookie is set. RFC 6265bis names the attributes. */
export interface CookieOptions {
  /** @defaultValue `__Host-sid` when secure (with no domain and the path `/`), else `sid` */
  name?: string | undefined
  /** @defaultValue true in production (`NODE_ENV`), else false */
  secure?: boolean | undefined
  /** @defaultValue `'lax'` */
  sameSite?: 'lax' | 'strict' | 'none' | undefined
  /** @defaultValue `'/'` */
  path?: string | undefined
  /** @defaultValue none: the host alone */
  domain?: string | undefined
  /** CHIPS: one jar per top-level site. Needs `secure`. @defaultValue false */
  partitioned?: boolean | undefined
  /** Whether the cookie outlives the browser, for as long as `absoluteTimeout`. @defaultValue false */
  persistent?: boolean | undefined
}

/** {@link CookieOptions} with everything filled in. */
export interface CookieSettings {
  readonly name: string
  readonly secure: boolean
  readonly sameSite: 'lax' | 'strict' | 'none'
  readonly path: string
  readonly domain: string | undefined
  readonly partitioned: boolean
  readonly persistent: boolean
}

interface Parsed {
  name?: string | undefined
  secure?: boolean | undefined
  sameSite: 'lax' | 'strict' | 'none'
  path: string
  domain?: string | undefined
  partitioned: boolean
  persistent: boolean
}

const LABEL = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?'
/** RFC 1034 section 3.5, with the leading dot of old: what else there is cannot be set (RFC 6265bis). */
const DOMAIN = new RegExp(`^\\.?${LABEL}(?:\\.${LABEL})*$`, 'i')

export const cookieSchema: z.ZodType<Parsed> = z
  .strictObject({
    name: z
      .string()
      .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$/, 'a cookie name')
      .optional(),
    secure: z.boolean().optional(),
    sameSite: z.enum(['lax', 'strict', 'none']).default('lax'),
    path: z
      .string()
      .regex(/^\/[\x21-\x3a\x3d-\x7e]{0,500}$/, 'a path that starts with /')
      .default('/'),
    domain: z.string().max(253, 'a domain').regex(DOMAIN, 'a domain').optional(),
    partitioned: z.boolean().default(false),
    persistent: z.boolean().default(false),
  })
  .prefault({})

/** Fills in what depends on the rest, and refuses what a browser would refuse or what is unsafe. */
export function resolveCookie(parsed: Parsed, isProduction: boolean): CookieSettings {
  const { path, domain, partitioned, persistent, sameSite } = parsed
  const prefix = /^__(host|secure)-/i.exec(parsed.name ?? '')?.[1]?.toLowerCase()
  const secure = parsed.secure ?? (prefix !== undefined || isProduction)
  const isHostOnly = domain === undefined && path === '/'
  if (sameSite === 'none' && !secure) {
    throw invalidOption('cookie.sameSite', 'none', '"lax" or "strict", or secure: true beside it')
  }
  if (partitioned && !secure)
    throw invalidOption('cookie.partitioned', true, 'secure: true beside it')
  if (prefix !== undefined && !secure) {
    throw invalidOption('cookie.secure', false, 'true, for a name with that prefix')
  }
  if (prefix === 'host' && domain !== undefined) {
    throw invalidOption('cookie.domain', domain, 'none, for a name that starts with __Host-')
  }
  if (prefix === 'host' && path !== '/') {
    throw invalidOption('cookie.path', path, '"/", for a name that starts with __Host-')
  }
  const name = parsed.name ?? (secure && isHostOnly ? '__Host-sid' : 'sid')
  return { name, secure, sameSite, path, domain, partitioned, persistent }
}
