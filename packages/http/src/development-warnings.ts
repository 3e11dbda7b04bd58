import type { IncomingHttpHeaders } from 'node:http'
import { hasCookie } from './fields/cookies.ts'

/** What is warned of: each once for a response cache. */
export type Mistake = 'HOTPATH_CACHE_BEFORE_AUTH' | 'HOTPATH_CACHE_SESSION_COOKIE'

/** The names that the well-known session middlewares give their cookies, and those that say what they are. */
const SESSION_COOKIE = /^(?:__Host-|__Secure-)?(?:connect\.sid|sid|sess(?:ion)?(?:[-_.]?id)?)$/i

const TEXTS: Record<Mistake, string> = {
  HOTPATH_CACHE_BEFORE_AUTH:
    'A response was cached for a request whose user was made known behind the cache. Put the cache behind authentication, or tell users apart by `scope`, or this page is served to everyone',
  HOTPATH_CACHE_SESSION_COOKIE:
    'A response was cached for a request with a session cookie that keyCookies and bypassCookies leave out. If it depends on the session, say `scope` or name the cookie in `bypassCookies`',
}

/** What of a request is looked at before its handler runs. */
export interface Before {
  readonly hasUser: boolean
}

/**
 * Warns of mistakes that are easily made with a cache and hard to see, by `process.emitWarning`;
 * outside of production only, and never on the way of a hit.
 */
export class DevelopmentWarnings {
  readonly #isOn: boolean
  readonly #told = new Set<Mistake>()

  constructor(isOn: boolean) {
    this.#isOn = isOn
  }

  before(request: unknown): Before {
    return { hasUser: this.#isOn && hasUser(request) }
  }

  /** A response is going to be kept, and shared by all. */
  keeping(request: unknown, headers: IncomingHttpHeaders, before: Before): void {
    if (!this.#isOn) return
    if (!before.hasUser && hasUser(request)) this.#tell('HOTPATH_CACHE_BEFORE_AUTH')
    if (hasCookie(headers.cookie, [SESSION_COOKIE])) this.#tell('HOTPATH_CACHE_SESSION_COOKIE')
  }

  #tell(code: Mistake): void {
    if (this.#told.has(code)) return
    this.#told.add(code)
    process.emitWarning(TEXTS[code], { type: 'HotpathWarning', code })
  }
}

/** Passport and its like put it there. */
function hasUser(request: unknown): boolean {
  const user: unknown = Reflect.get(request as object, 'user')
  return user !== undefined && user !== null
}
