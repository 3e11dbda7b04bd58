import type { IncomingMessage, RequestListener } from 'node:http'
import type { Clock, LoadContext } from '@hotpath/core'
import type { Outcome } from '../fill-task.ts'
import { createDetachedExchange, type DetachedRequest } from './detached-exchange.ts'

/** More at one time would be a load that no client waits for, and none holds back. */
const MOST_RUNS = 100

const LONGEST_RUN_MS = 30_000

/** A handler's run for what is stored under a key, that no client has asked for. */
export interface BackgroundRun {
  /** The route's cache that has begun it, which is the one that takes it up. */
  readonly route: object
  readonly key: string
  readonly load: LoadContext<Outcome>
  /** It has come to its route: what becomes of it is settled there. */
  isTakenUp: boolean
  settle(outcome: Outcome): void
  fail(error: unknown): void
}

/** What a run is made of. */
export interface RunPlan extends Pick<BackgroundRun, 'route' | 'key' | 'load'> {
  readonly request: DetachedRequest
  /** Where requests enter the app. */
  readonly enter: RequestListener
}

/**
 * Runs routes anew for what is stale, or soon will be: a request that no client has sent goes
 * through the app from its beginning, and is known by its route's cache when it comes there. It is
 * never answered from a cache and begins no other run, so there are no loops.
 */
export class BackgroundRuns {
  readonly #clock: Clock
  #count = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get isFull(): boolean {
    return this.#count >= MOST_RUNS
  }

  /** Rejects when nothing to keep has come of it, for whatever reason. */
  start({ route, key, load, request, enter }: RunPlan): Promise<Outcome> {
    const { req, res } = createDetachedExchange(request)
    this.#count += 1
    const outcome = new Promise<Outcome>((settle, fail) => {
      const run: BackgroundRun = { route, key, load, isTakenUp: false, settle, fail }
      const timer = this.#clock.schedule(LONGEST_RUN_MS, () => {
        fail(new Error(`The background request took longer than ${LONGEST_RUN_MS} ms`))
        res.destroy()
      })
      res.once('close', () => {
        timer.cancel()
        this.#count -= 1
        if (!run.isTakenUp) fail(new Error(`${NOT_REACHED}, which was answered ${res.statusCode}`))
      })
      ;(req as Marked)[RUN] = run
    })
    enter(req, res)
    return outcome
  }
}

/** The run that a request belongs to, if no client has sent it. */
export function runOf(req: IncomingMessage): BackgroundRun | undefined {
  return (req as Marked)[RUN]
}

const NOT_REACHED = 'The cache was not reached by its background request'

const RUN = Symbol('hotpath.http.run')

interface Marked {
  [RUN]?: BackgroundRun
}
