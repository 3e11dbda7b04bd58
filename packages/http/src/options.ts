import type { IncomingMessage } from 'node:http'
import type { Cache, CacheOptions, Clock, Duration, RedisInput } from '@hotpath/core'
import type { ResponseView } from './recording/response-head.ts'

/** Which query parameters are part of the key. What is not never reaches the handler either. */
export interface QueryOptions {
  /** Only these parameters count. Not together with `ignore`. */
  allow?: readonly (string | RegExp)[] | undefined
  /** All parameters count but these, such as `['utm_source', /^fb/]`. */
  ignore?: readonly (string | RegExp)[] | undefined
  /** Whether `?a=1&b=2` and `?b=2&a=1` are one. @defaultValue false */
  sort?: boolean | undefined
}

/**
 * How the responses of an app or a route are cached. `Req` is the framework's request.
 *
 * Every function is given that request and is called while it is handled; what it throws is handled
 * by the framework as if the handler had thrown it.
 */
export interface RouteCacheOptions<Req = IncomingMessage> {
  /**
   * How long a response is fresh that says nothing of it itself, by s-maxage, max-age or Expires.
   *
   * It keeps 200, 203, 204, 301 and 308 only (see `statuses`), and neither keeps nor serves anything
   * for requests with a Cookie, Authorization or the like, unless the response says `public` or the
   * key tells users apart (`scope`, `keyCookies`, `keyHeaders`).
   * @defaultValue 0: only responses that say so themselves are kept
   */
  ttl?: Duration | undefined
  /** The longest that any response is fresh, whatever it says. @defaultValue no limit */
  maxTtl?: Duration | undefined
  /**
   * The part of the time since a response was last modified for which it is taken to be fresh if it
   * says nothing itself, a day at most (RFC 9111 section 4.2.2). It goes before `ttl` and holds for
   * the same requests. 0.1 is usual.
   * @defaultValue 0: nothing is guessed
   */
  heuristic?: number | undefined
  /**
   * How long past its freshness a response is served at once while its route is run anew behind: by
   * a request that carries what the key and Vary are made of and nothing else of the client's. A
   * response's own `stale-while-revalidate` goes before it, and one that says must-revalidate,
   * proxy-revalidate, no-cache or s-maxage is never served stale (RFC 5861 section 3). It does not
   * hold in the partitions of `scope`, nor where Vary names a user's credentials.
   * @defaultValue 0
   */
  staleWhileRevalidate?: Duration | undefined
  /**
   * How long past its freshness a response is served when the handler fails: answers 500, 502, 503
   * or 504, throws, or breaks off. A response's own `stale-if-error` goes before it, and one that
   * says must-revalidate, proxy-revalidate, no-cache or s-maxage is never served stale (RFC 5861
   * section 4, RFC 9111 section 4.2.4).
   * @defaultValue 0
   */
  staleIfError?: Duration | undefined
  /**
   * Response fields for caches of this kind, such as `['CDN-Cache-Control']`, in the order of
   * preference: the first that a response has goes before its Cache-Control and Expires (RFC 9213).
   * @defaultValue none
   */
  targets?: readonly string[] | undefined
  /**
   * The Cache-Control that clients are given with what is kept here, instead of the one by which it is
   * kept: text, or a function that gives it, or `undefined` to leave it. Expires and Pragma are then
   * left out.
   * @defaultValue what the handler says
   */
  clientCacheControl?:
    | string
    | ((request: Req, response: ResponseView) => string | undefined)
    | undefined
  /**
   * Gives what is kept an entity tag if it has neither that nor Last-Modified, so that clients can ask
   * whether what they have still holds.
   * @defaultValue false
   */
  etag?: 'strong' | 'weak' | false | undefined
  /** What stands in the key for scheme, host, path and query. @defaultValue these four, and what Forwarded, X-Forwarded-* and their like say of them */
  key?: ((request: Req) => string) | undefined
  /** Request fields whose values are part of the key. @defaultValue none */
  keyHeaders?: readonly string[] | undefined
  /** Cookies whose values are part of the key; all others are then taken not to matter. @defaultValue none */
  keyCookies?: readonly string[] | undefined
  /** @defaultValue the whole query counts, as it is written */
  query?: QueryOptions | undefined
  /**
   * Whose response this is, such as a user's id: each has a partition of its own, in which the rules
   * of a private cache apply, and which is sent on as `private`. `undefined`, `null` or `''`: nobody's,
   * and the rules of a shared cache apply.
   */
  scope?: ((request: Req) => string | number | null | undefined) | undefined
  /** Tags under which {@link ResponseCache.purge} finds the response. Asked when its head is written. */
  tags?:
    | readonly string[]
    | ((request: Req, response: ResponseView) => readonly string[])
    | undefined
  /** The cache keeps out of requests for which it gives false. */
  when?: ((request: Req) => boolean) | undefined
  /** The cache keeps out of requests for which it gives true. */
  skip?: ((request: Req) => boolean) | undefined
  /** Responses for which it gives false are not kept. Asked only of those that would be. */
  shouldStore?: ((request: Req, response: ResponseView) => boolean) | undefined
  /**
   * The statuses that may be kept, by `ttl` too.
   * @defaultValue any with a lifetime of its own; 200, 203, 204, 301 and 308 by `ttl`
   */
  statuses?: readonly number[] | undefined
  /** The cache keeps out of requests with any of these cookies; all others are then taken not to matter. */
  bypassCookies?: readonly (string | RegExp)[] | undefined
  /** A response with Set-Cookie is not kept, or kept without it. @defaultValue `'refuse'` */
  setCookie?: 'refuse' | 'strip' | undefined
  /**
   * Whether a response whose client goes away half-way is kept if the handler ends it for all that,
   * with no more than a second between two writes. For handlers that write the whole of it whether or
   * not anybody listens: one that ends early when its client goes would have a part kept for all.
   * What is piped ends with its client in any case.
   * @defaultValue false
   */
  ignoreClientAbort?: boolean | undefined
  /**
   * Bytes: larger bodies are passed on and not kept. Each response that is under way may hold so much,
   * beside what `memory` allows.
   * @defaultValue 1 MiB
   */
  maxBodyBytes?: number | undefined
  /** Whether requests for what is being loaded wait for it instead of running the handler as well. @defaultValue true */
  collapse?: boolean | undefined
  /** Whether clients may ask past the cache by Cache-Control or Pragma (RFC 9111 section 5.2.1). @defaultValue false */
  honorRequestCacheControl?: boolean | undefined
  /** Whether a success of POST, PUT, PATCH, DELETE and their like purges its URL (RFC 9111 section 4.4). @defaultValue true */
  invalidateOnUnsafe?: boolean | undefined
  /**
   * Whether responses say in Cache-Status what the cache did (RFC 9211), and under what name. `key`
   * adds the key, for finding out why something is a miss: it may hold what identifies a user.
   * @defaultValue `'hotpath'`, without the key
   */
  cacheStatus?:
    | boolean
    | string
    | { name?: string | undefined; key?: boolean | undefined }
    | undefined
}

/** Options of {@link createResponseCache}: where responses are kept, and how, unless a route says otherwise. */
export interface ResponseCacheOptions<Req = IncomingMessage> extends RouteCacheOptions<Req> {
  /** A cache to keep responses in, beside whatever else is in it. Without one, one is made. */
  cache?: Cache | undefined
  /** One Redis for all processes, for the cache that is made; absent means memory only. */
  redis?: RedisInput | undefined
  /** Bounds of the memory of the cache that is made. @defaultValue as createCache's */
  memory?: CacheOptions['memory']
  /** The first part of every key in Redis, for the cache that is made. @defaultValue `'hotpath'` */
  namespace?: string | undefined
  /**
   * Whether popular responses are fetched anew behind, before they are stale, so that nobody waits
   * for one: the likelier, the nearer their end and the longer their handler took. `beta` above 1 is
   * earlier. As with `staleWhileRevalidate`, not in partitions of `scope`. (XFetch, VLDB 2015.)
   * @defaultValue false
   */
  earlyRefresh?: boolean | { beta?: number | undefined } | undefined
  /** @defaultValue the system's */
  clock?: Clock | undefined
}
