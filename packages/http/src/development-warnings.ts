import type { IncomingHttpHeaders } from 'node:http'
import { hasCookie } from './fields/cookies.ts'
import { fingerprint } from './keys/fingerprint.ts'
import { BoundedMap } from './storing/bounded-map.ts'

/** What is warned of: each once for a response cache. */
export type Mistake = 'HOTPATH_CACHE_BEFORE_AUTH' | 'HOTPATH_CACHE_SESSION_COOKIE'

/** The names that the well-known session middlewares give their cookies, and those that say what they are. */
const SESSION_COOKIE = /^(?:__Host-|__Secure-)?(?:connect\.sid|sid|sess(?:ion)?(?:[-_.]?id)?)$/i

const TEXTS: Record<Mistake, string> = {
  HOTPATH_CACHE_BEFORE_AUTH:
    'A response was cached for everyone though a user or a session was made known behind the cache, or another request for the same URL was refused or sent to log in there. Put the cache behind authentication, or tell users apart by `scope`, or this page is served to everyone',
  HOTPATH_CACHE_SESSION_COOKIE:
    'A response was cached for a request with a session cookie that keyCookies and bypassCookies leave out. If it depends on the session, say `scope` or name the cookie in `bypassCookies`',
}

/** What of a request is looked at before its handler runs. */
export interface Before {
  readonly isSomebody: boolean
}

/** A page that is looked for: the key of its URL. */
type PageKey = string

const MOST_PAGES = 1_000
const LONGEST_KEY = 100

/** Where those are sent who have to log in. */
const LOGIN = /\b(?:log-?in|sign-?in|sso|auth)\b/i

/**
 * Warns of mistakes that are easily made with a cache and hard to see, by `process.emitWarning`;
 * outside of production only, and never on the way of a hit.
 */
export class DevelopmentWarnings {
  readonly #isOn: boolean
  readonly #told = new Set<Mistake>()
  readonly #kept = new BoundedMap<string, true>(MOST_PAGES)
  readonly #refused = new BoundedMap<string, true>(MOST_PAGES)

  constructor(isOn: boolean) {
    this.#isOn = isOn
  }

  before(request: unknown): Before {
    return { isSomebody: this.#isOn && isSomebody(request) }
  }

  /** A response is going to be kept, and shared by all. */
  keeping(key: PageKey, request: unknown, headers: IncomingHttpHeaders, before: Before): void {
    if (!this.#isOn) return
    const page = fingerprint(key, LONGEST_KEY)
    this.#kept.set(page, true)
    const isMadeKnown = !before.isSomebody && isSomebody(request)
    if (isMadeKnown || this.#refused.get(page)) this.#tell('HOTPATH_CACHE_BEFORE_AUTH')
    if (hasCookie(headers.cookie, [SESSION_COOKIE])) this.#tell('HOTPATH_CACHE_SESSION_COOKIE')
  }

  /** A response is not going to be kept: perhaps for something behind the cache does not let the client in. */
  refusing(key: PageKey, status: number, location: string | undefined): void {
    if (!this.#isOn || !isRefusal(status, location)) return
    const page = fingerprint(key, LONGEST_KEY)
    this.#refused.set(page, true)
    if (this.#kept.get(page)) this.#tell('HOTPATH_CACHE_BEFORE_AUTH')
  }

  #tell(code: Mistake): void {
    if (this.#told.has(code)) return
    this.#told.add(code)
    process.emitWarning(TEXTS[code], { type: 'HotpathWarning', code })
  }
}

function isRefusal(status: number, location: string | undefined): boolean {
  if (status === 401 || status === 403) return true
  return status > 300 && status < 400 && LOGIN.test(location ?? '')
}

/** Whether a request's user is known, as by Passport and its like, or its session holds something. */
function isSomebody(request: unknown): boolean {
  const user: unknown = Reflect.get(request as object, 'user')
  if (user !== undefined && user !== null) return true
  const session: unknown = Reflect.get(request as object, 'session')
  if (typeof session !== 'object' || session === null) return false
  return Object.keys(session).some((name) => name !== 'cookie')
}
