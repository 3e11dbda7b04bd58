import type { Duration } from '../base/duration.ts'
import { HotpathError } from '../base/errors.ts'
import type { Entry } from './entry.ts'
import { type EntryDefaults, type ResolvedCall, resolveEntryOptions } from './entry-options.ts'
import type { Flight } from './flight.ts'
import type { EntryOptions, LoadContext } from './types.ts'

/** What a loader is given, and what it said through it. */
export class Context<V> implements LoadContext<V> {
  readonly key: string
  readonly stale: Entry<V> | undefined
  readonly #flight: Flight<V>
  #defaults: EntryDefaults
  readonly #tags: Set<string>
  #isSkipped = false

  constructor(key: string, flight: Flight<V>, stale: Entry<V> | undefined, call: ResolvedCall) {
    this.key = key
    this.stale = stale
    this.#flight = flight
    this.#defaults = call.defaults
    this.#tags = new Set(call.tags)
  }

  get signal(): AbortSignal {
    return this.#flight.signal
  }

  get isSkipped(): boolean {
    return this.#isSkipped
  }

  get defaults(): EntryDefaults {
    return this.#defaults
  }

  get tags(): readonly string[] {
    return this.#tags.size === 0 ? NO_TAGS : [...this.#tags]
  }

  // Functions of their own rather than methods, so that a loader may take them out of the context.

  readonly setTtl = (ttl: Duration): void => {
    this.setOptions({ ttl, negativeTtl: ttl })
  }

  readonly setOptions = (options: Omit<EntryOptions, 'tags'>): void => {
    this.#defaults = resolveEntryOptions('ctx.setOptions', this.#defaults, options).defaults
  }

  readonly addTags = (...tags: string[]): void => {
    resolveEntryOptions('ctx.addTags', this.#defaults, { tags: [...this.#tags, ...tags] })
    for (const tag of tags) this.#tags.add(tag)
  }

  readonly skip = (): void => {
    this.#isSkipped = true
  }

  readonly notModified = (): V => {
    if (this.stale !== undefined) {
      // It is the same value still, so what invalidated it goes on doing so.
      for (const tag of this.stale.tags) this.#tags.add(tag)
      // Its schema is still to make the value of it.
      return this.stale.source as V
    }
    throw new HotpathError(
      'ERR_CACHE_NOTHING_STALE',
      `ctx.notModified() for ${JSON.stringify(this.key)}: there is no stale value to keep; ask ctx.stale first`,
    )
  }
}

const NO_TAGS: readonly string[] = []
