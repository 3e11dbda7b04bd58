import type { Duration } from '../base/duration.ts'
import { HotpathError } from '../base/errors.ts'
import type { Entry } from './entry.ts'
import {
  type EntryDefaults,
  type ResolvedCall,
  requireTags,
  resolveEntryOptions,
} from './entry-options.ts'
import type { Flight } from './flight.ts'
import type { EntryOptions, LoadContext } from './types.ts'

/** What a loader is given, and what it said through it. */
export class Context<V> implements LoadContext<V> {
  readonly key: string
  readonly stale: Entry<V> | undefined
  readonly isBackground: boolean
  readonly #flight: Flight<V>
  readonly #isCurrent: () => boolean
  #defaults: EntryDefaults
  #tags: readonly string[]
  #isSkipped = false

  constructor(
    key: string,
    flight: Flight<V>,
    stale: Entry<V> | undefined,
    call: ResolvedCall,
    isCurrent: () => boolean,
  ) {
    this.key = key
    this.stale = stale
    this.isBackground = flight.isBackground
    this.#flight = flight
    this.#isCurrent = isCurrent
    this.#defaults = call.defaults
    this.#tags = call.tags
  }

  get signal(): AbortSignal {
    return this.#flight.signal
  }

  get isOvertaken(): boolean {
    return !this.#isCurrent()
  }

  get isSkipped(): boolean {
    return this.#isSkipped
  }

  get defaults(): EntryDefaults {
    return this.#defaults
  }

  get tags(): readonly string[] {
    return this.#tags
  }

  // Functions of their own rather than methods, so that a loader may take them out of the context;
  // made when they are asked for, for most loaders want none.

  get setTtl(): (ttl: Duration) => void {
    return (ttl) => this.setOptions({ ttl, negativeTtl: ttl })
  }

  get setOptions(): (options: Omit<EntryOptions, 'tags'>) => void {
    return (options) => {
      this.#defaults = resolveEntryOptions('ctx.setOptions', this.#defaults, options).defaults
    }
  }

  get addTags(): (...tags: string[]) => void {
    return (...tags) => this.#addTags('ctx.addTags', tags)
  }

  get skip(): () => void {
    return () => {
      this.#isSkipped = true
    }
  }

  get notModified(): () => V {
    return () => {
      if (this.stale === undefined) throw nothingStale(this.key)
      // It is the same value still, so what invalidated it goes on doing so.
      this.#addTags('ctx.notModified', this.stale.tags)
      // Its schema is still to make the value of it.
      return this.stale.source as V
    }
  }

  #addTags(entryPoint: string, tags: readonly string[]): void {
    const all = [...new Set([...this.#tags, ...tags])]
    requireTags(entryPoint, all)
    this.#tags = all
  }
}

function nothingStale(key: string): HotpathError {
  return new HotpathError(
    'ERR_CACHE_NOTHING_STALE',
    `ctx.notModified() for ${JSON.stringify(key)}: there is no stale value to keep; ask ctx.stale first`,
  )
}
