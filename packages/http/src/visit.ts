import type { IncomingHttpHeaders, ServerResponse } from 'node:http'
import type { RequestDirectives } from './fields/cache-control.ts'
import { formatKey } from './fields/cache-status.ts'
import type { FrameworkPort } from './framework-port.ts'
import type { RoutedMessage } from './keys/request-target.ts'
import type { RoutePolicy } from './route-policy.ts'
import { type Credentials, readCredentials } from './rules/credentials.ts'
import type { StoredResponse } from './storing/stored-response.ts'

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
  /** The key of its URL, once it is known. */
  key: string | undefined
  /** What the client's Cache-Control says, if clients have a say. */
  directives: RequestDirectives | undefined
  /** It asks for a part of what is stored. */
  isForPart = false
  /** It has gone on to the handler. */
  isForwarded = false
  /** Its response could not be kept, nor change what is: a HEAD of what is not stored. */
  hasNothingToKeep = false
  /** Where a stored response for it was found that a load has moved. */
  foundIn: 'memory' | 'redis' | undefined
  #passedOver: StoredResponse[] | undefined
  #credentials: Credentials | undefined
  #hasFailed = false

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

  /** What is stored for its URL, and was chosen by other request fields than its own. */
  get passedOver(): StoredResponse[] {
    this.#passedOver ??= []
    return this.#passedOver
  }

  /** What this visit adds to a member of Cache-Status: its key, where that is wanted. */
  get statusSuffix(): string {
    if (!this.policy.options.cacheStatus?.key || this.key === undefined) return ''
    return formatKey(this.key)
  }

  /** It has been answered by somebody else meanwhile, or there is nobody left to answer. */
  get isOver(): boolean {
    return this.#hasFailed || this.res.headersSent || this.res.writableEnded || this.res.destroyed
  }

  /** Lets the framework make an answer of an error. One that comes after the request has gone on is nobody's. */
  fail(error: unknown): void {
    if (this.isForwarded || this.#hasFailed) throw error
    this.#hasFailed = true
    this.port.fail(this.context, error)
  }

  /**
   * Lets the request go on to the handler; `giveUp` is called when a cache nearer to it takes charge,
   * `failed` as {@link FrameworkPort.proceed} says.
   */
  proceed(giveUp: () => void, failed?: (error: unknown) => boolean): void {
    this.isForwarded = true
    ;(this.res as Marked)[OUTER] = { depth: this.depth, giveUp }
    this.port.proceed(this.context, failed)
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
