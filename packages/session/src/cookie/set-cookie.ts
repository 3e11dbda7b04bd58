import { stringifySetCookie } from 'cookie'
import type { CookieSettings } from './cookie-options.ts'

/** The Set-Cookie field that gives the browser its id. */
export function formatCookie(
  settings: CookieSettings,
  value: string,
  lifeMs: number | undefined,
): string {
  const maxAge =
    settings.persistent && lifeMs !== undefined ? { maxAge: Math.ceil(lifeMs / 1000) } : {}
  return stringifySetCookie({ ...attributes(settings), ...maxAge, value })
}

/** The Set-Cookie field by which the browser drops it. */
export function formatExpiredCookie(settings: CookieSettings): string {
  return stringifySetCookie({
    ...attributes(settings),
    value: '',
    maxAge: 0,
    expires: new Date(0),
  })
}

function attributes(settings: CookieSettings) {
  const { name, path, domain, sameSite, secure, partitioned } = settings
  return {
    name,
    path,
    ...(domain === undefined ? {} : { domain }),
    httpOnly: true,
    sameSite,
    secure,
    partitioned,
  }
}
