import type { IncomingHttpHeaders, ServerResponse } from 'node:http'
import type { RequestDirectives } from './fields/cache-control.ts'
import type { FrameworkPort } from './framework-port.ts'
import type { RoutedMessage } from './keys/request-target.ts'
import type { RoutePolicy } from './route-policy.ts'
import { type Credentials, readCredentials } from './rules/credentials.ts'

/** One request on its way through a cache, with what its adapter wants back. */
export class Visit<Req, C = unknown> {
  readonly policy: RoutePolicy<Req>
  readonly port: FrameworkPort<C>
  readonly context: C
  /** The framework's request. */
  readonly request: Req
  readonly req: RoutedMessage
  readonly res: ServerResponse
  /** The request's fields, which Node parses when they are first asked for, and looks up each time. */
  readonly headers: IncomingHttpHeaders
  /** The nearest of the caches that it has come through before. */
  readonly outer: OuterCache | undefined
  /** How many they are. */
  readonly depth: number
  /** Whose partition it belongs to; `undefined` for the shared one. */
  scope: string | undefined
  /** What the client's Cache-Control says, if clients have a say. */
  directives: RequestDirectives | undefined
  /** It has gone on to the handler. */
  isForwarded = false
  #credentials: Credentials | undefined

  constructor(
    policy: RoutePolicy<Req>,
    port: FrameworkPort<C>,
    context: C,
    request: Req,
    req: RoutedMessage,
    res: ServerResponse,
  ) {
    this.policy = policy
    this.port = port
    this.context = context
    this.request = request
    this.req = req
    this.res = res
    this.headers = req.headers
    this.outer = (res as Marked)[OUTER]
    this.depth = (this.outer?.depth ?? -1) + 1
  }

  /** What identifies the sender and is not in the key. One user's partition tells users apart. */
  get credentials(): Credentials {
    this.#credentials ??=
      this.scope === undefined ? readCredentials(this.headers, this.policy.credentials) : 'none'
    return this.#credentials
  }

  /** It has been answered by somebody else meanwhile, or there is nobody left to answer. */
  get isOver(): boolean {
    return this.res.headersSent || this.res.writableEnded || this.res.destroyed
  }

  /** Lets the request go on to the handler; `giveUp` is called when a cache nearer to it takes charge. */
  proceed(giveUp: () => void): void {
    this.isForwarded = true
    ;(this.res as Marked)[OUTER] = { depth: this.depth, giveUp }
    this.port.proceed(this.context)
  }
}

/** A cache through which a response goes out, as caches nearer to the handler see it. */
interface OuterCache {
  readonly depth: number
  /** A cache nearer to the handler is in charge of the response. */
  giveUp(): void
}

const OUTER = Symbol('hotpath.http.outer')

interface Marked {
  [OUTER]?: OuterCache
}

/** What a request was conditional on. */
export type Conditions = Pick<IncomingHttpHeaders, 'if-none-match' | 'if-modified-since'>

/**
 * Takes the conditions off a request, so that the handler gives a whole response, which can be kept.
 * Whoever does must answer them.
 */
export function takeConditions(req: RoutedMessage): Conditions {
  const conditions: Conditions = {}
  const { 'if-none-match': ifNoneMatch, 'if-modified-since': ifModifiedSince } = req.headers
  if (ifNoneMatch !== undefined) conditions['if-none-match'] = ifNoneMatch
  if (ifModifiedSince !== undefined) conditions['if-modified-since'] = ifModifiedSince
  delete req.headers['if-none-match']
  delete req.headers['if-modified-since']
  return conditions
}
