import type { Entry } from './entry.ts'
import type { Fence } from './fences.ts'
import type { Tier } from './types.ts'

/** How a load ended. */
export interface Outcome<V> {
  readonly entry: Entry<V>
  readonly tier: Tier
  /**
   * `overtaken`: an invalidation came while it ran, so the value is for those who asked before.
   * `refused`: so another process says, and nobody here knows who asked before.
   * `stale`: the loader failed, or was too slow, and a stale value stands in. `elsewhere`: another
   * process loads it, and nobody here waits for that.
   */
  readonly fate: 'stored' | 'skipped' | 'overtaken' | 'refused' | 'stale' | 'elsewhere'
  /** Why a stale value stands in, if the loader failed. */
  readonly error?: unknown
}

/** What a load is for. */
interface Purpose {
  readonly isReplacing: boolean
  readonly isBackground: boolean
}

/** One load under way and all who wait for it. */
export class Flight<V> {
  readonly fence: Fence
  /** Where the local counters stood when the load began. */
  readonly revision: number
  readonly outcome: Promise<Outcome<V>>
  readonly settle: (outcome: Outcome<V>) => void
  readonly fail: (error: unknown) => void
  readonly startedAtMs: number
  /** There is something stale that callers may be served with, so not all need wait for this. */
  readonly isReplacing: boolean
  /** It refreshes behind something stale, and nobody need wait for it at all. */
  readonly isBackground: boolean
  /** The value alone, one promise for all who have nothing else to ask, once {@link share} has made it. */
  shared: Promise<V> | undefined
  /** Which load without a lease it is, or 0. */
  unleasedLoad = 0
  #waiters = 0
  #controller: AbortController | undefined
  #isAbandoned = false

  constructor(
    fence: Fence,
    revision: number,
    startedAtMs: number,
    { isReplacing, isBackground }: Purpose,
  ) {
    this.fence = fence
    this.startedAtMs = startedAtMs
    this.isReplacing = isReplacing
    this.isBackground = isBackground
    this.revision = revision
    const { promise, resolve, reject } = deferred<Outcome<V>>()
    this.outcome = promise
    this.settle = resolve
    this.fail = reject
    // Each waiter gets the error; a load that nobody waits for has told it by an event.
    promise.catch(() => {})
  }

  /** The loader's signal, made when a loader asks for it. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController()
    if (this.#isAbandoned) this.#controller.abort()
    return this.#controller.signal
  }

  /** `again` asks anew for all who share the value when it turns out to be too old for some. */
  share(again: () => Promise<V>): Promise<V> {
    const shared = this.outcome.then(({ entry, fate }) =>
      fate === 'refused' ? again() : entry.value,
    )
    shared.catch(() => {})
    this.shared = shared
    return shared
  }

  /** Callers that wait for it. A load in the background is entered once for itself. */
  get waiters(): number {
    return this.isBackground ? this.#waiters - 1 : this.#waiters
  }

  enter(): void {
    this.#waiters += 1
  }

  /** A waiter gave up. With the last of them the load loses its purpose. */
  leave(): void {
    this.#waiters -= 1
    if (this.#waiters > 0) return
    this.#isAbandoned = true
    this.#controller?.abort()
  }

  get isAbandoned(): boolean {
    return this.#isAbandoned
  }
}

interface Deferred<T> {
  promise: Promise<T>
  resolve: (value: T) => void
  reject: (error: unknown) => void
}

function deferred<T>(): Deferred<T> {
  let resolve!: (value: T) => void
  let reject!: (error: unknown) => void
  const promise = new Promise<T>((onResolve, onReject) => {
    resolve = onResolve
    reject = onReject
  })
  return { promise, resolve, reject }
}
