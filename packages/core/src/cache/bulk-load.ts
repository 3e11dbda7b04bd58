import { HotpathError, invalidOption } from '../base/errors.ts'
import type { BulkLoadContext, BulkLoader, LoadContext } from './entry-types.ts'

/** Keys that are loaded together: told which of them are about to load, and which are not yet. */
export interface LoadGroup {
  /** A load of this key begins: the others wait until it is known whether it needs the loader. */
  join(key: string): void
  /** This key needs no loader, or has to wait for another process: the others go ahead. */
  pass(key: string): void
}

interface Waiting<V> {
  readonly context: LoadContext<V>
  readonly resolve: (value: V) => void
  readonly reject: (error: unknown) => void
}

/**
 * One call of a bulk loader for all keys of a `getOrSetMany` that turn out to be missing. Keys that
 * another process was loading, and failed to, come later in a call of their own.
 */
export class BulkLoad<V> implements LoadGroup {
  readonly #loadMissing: BulkLoader<V>
  readonly #keys: readonly string[]
  readonly #undecided = new Set<string>()
  #waiting: Waiting<V>[] = []
  #isOpen = true

  constructor(loadMissing: BulkLoader<V>, keys: readonly string[]) {
    this.#loadMissing = loadMissing
    this.#keys = keys
  }

  /** The loader of each key. */
  readonly load = (context: LoadContext<V>): Promise<V> =>
    new Promise((resolve, reject) => {
      this.#waiting.push({ context, resolve, reject })
      this.pass(context.key)
    })

  join(key: string): void {
    this.#undecided.add(key)
  }

  pass(key: string): void {
    this.#undecided.delete(key)
    if (this.#isOpen || this.#undecided.size > 0 || this.#waiting.length === 0) return
    this.#run()
  }

  /** All keys have been looked at: those that load have joined. */
  close(): void {
    this.#isOpen = false
    if (this.#undecided.size === 0 && this.#waiting.length > 0) this.#run()
  }

  #run(): void {
    const waiting = this.#inOrder(this.#waiting)
    this.#waiting = []
    this.#loadAll(waiting).catch((error) => {
      for (const { reject } of waiting) reject(error)
    })
  }

  /** As the caller has named them: leave to load them came in whatever order. */
  #inOrder(waiting: readonly Waiting<V>[]): Waiting<V>[] {
    const places = new Map([...new Set(this.#keys)].map((key, index) => [key, index]))
    const placeOf = ({ context }: Waiting<V>): number => places.get(context.key) as number
    return waiting.toSorted((one, other) => placeOf(one) - placeOf(other))
  }

  async #loadAll(waiting: readonly Waiting<V>[]): Promise<void> {
    const keys = waiting.map(({ context }) => context.key)
    const contexts = waiting.map(({ context }) => context)
    const values = await this.#loadMissing(keys, new BulkContext(contexts))
    if (values instanceof Map) {
      for (const { context, resolve } of waiting) resolve(values.get(context.key) as V)
      return
    }
    if (!Array.isArray(values) || values.length !== keys.length) throw misshapen(keys, values)
    waiting.forEach(({ resolve }, index) => {
      resolve(values[index])
    })
  }
}

class BulkContext<V> implements BulkLoadContext<V> {
  readonly #contexts: ReadonlyMap<string, LoadContext<V>>
  #signal: AbortSignal | undefined

  constructor(contexts: readonly LoadContext<V>[]) {
    this.#contexts = new Map(contexts.map((context) => [context.key, context]))
  }

  get signal(): AbortSignal {
    this.#signal ??= whenAllAbort([...this.#contexts.values()].map(({ signal }) => signal))
    return this.#signal
  }

  // A function of its own rather than a method, so that a loader may take it out of the context.
  readonly of = (key: string): LoadContext<V> => {
    const context = this.#contexts.get(key)
    if (context !== undefined) return context
    throw invalidOption('getOrSetMany: context.of', key, 'one of the keys to be loaded')
  }
}

function whenAllAbort(signals: readonly AbortSignal[]): AbortSignal {
  const controller = new AbortController()
  let left = signals.length
  const count = (): void => {
    left -= 1
    if (left === 0) controller.abort()
  }
  for (const signal of signals) {
    if (signal.aborted) count()
    else signal.addEventListener('abort', count, { once: true })
  }
  return controller.signal
}

function misshapen(keys: readonly string[], found: unknown): HotpathError {
  const what = Array.isArray(found) ? `an array of ${found.length}` : typeof found
  return new HotpathError(
    'ERR_CACHE_BULK_RESULT',
    `getOrSetMany: loadMissing gave ${what}, wanted a Map by key, or an array of ${keys.length} in the order of its keys`,
  )
}
