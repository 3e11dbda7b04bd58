import type { IncomingMessage, ServerResponse } from 'node:http'
import type { RateLimiter } from '@hotpath/rate-limit'
import type { RequestLimitOptions } from '../../src/index.ts'

/** What answers in a test, behind whatever framework. */
export type Handler = (req: IncomingMessage, res: ServerResponse) => unknown

/** Options that any framework's request will do for. */
export type SuiteOptions = RequestLimitOptions<{ readonly headers: IncomingMessage['headers'] }>

/** A server with limits in front of a handler. */
export interface LimitedServer {
  readonly port: number
  readonly limiter: Pick<RateLimiter, 'stats' | 'peek' | 'block'>
  close(): Promise<void>
}

/** How one framework limits the requests of a handler. */
export interface LimitDriver {
  readonly name: string
  start(handler: Handler, options: SuiteOptions): Promise<LimitedServer>
}

/** Starts a server that is closed after the test. */
export type Serve = (options: SuiteOptions, handler?: Handler) => Promise<LimitedServer>
