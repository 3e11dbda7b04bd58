import type { Applied, HistoryEvent, InvalidationSort } from '../../src/coherence/history.ts'

/** Writes histories by hand, one word an event. Moments are milliseconds. */
export class Story {
  readonly events: HistoryEvent[] = []
  #ids = 0

  constructor(...processes: string[]) {
    for (const process of processes) this.starts(process)
  }

  starts(process: string, declares = true): this {
    this.events.push({ kind: 'started', process, at: 0, declares, lacks: [] })
    return declares ? this.hears(process, 0) : this
  }

  ends(process: string, at: number): this {
    this.events.push({ kind: 'ended', process, at })
    return this
  }

  hears(process: string, at: number): this {
    this.events.push({ kind: 'hearing', process, isHearing: true, at })
    return this
  }

  isDeaf(process: string, at: number): this {
    this.events.push({ kind: 'hearing', process, isHearing: false, at })
    return this
  }

  link(process: string, isUp: boolean, at: number): this {
    this.events.push({ kind: 'link', process, isUp, at })
    return this
  }

  commits(process: string, key: string, version: number, at: number): this {
    this.events.push({ kind: 'commit', process, key, version, begin: at - 1, end: at })
    return this
  }

  invalidates(
    process: string,
    keys: string[],
    at: number,
    applied: Applied = 'everywhere',
    sort: InvalidationSort = 'delete',
  ): this {
    const id = this.#ids++
    const begin = at - 1
    this.events.push({ kind: 'invalidation', process, sort, id, keys, begin, end: at, applied })
    return this
  }

  /** Commits a version and deletes its key, which is acknowledged at `at`. */
  changes(process: string, key: string, version: number, at: number, applied?: Applied): this {
    return this.commits(process, key, version, at - 2).invalidates(process, [key], at, applied)
  }

  replays(process: string, at: number): this {
    this.events.push({ kind: 'replayed', process, upTo: this.#ids, at })
    return this
  }

  writes(process: string, key: string, version: number, at: number): this {
    this.events.push({ kind: 'write', process, key, version, begin: at - 1, end: at })
    return this
  }

  loads(process: string, key: string, version: number, begin: number, end: number): this {
    this.events.push({ kind: 'load', process, key, version, begin, end })
    return this
  }

  reads(
    process: string,
    key: string,
    version: number | undefined,
    at: number,
    valueKey = key,
  ): this {
    const span = { begin: at, end: at + 1 }
    this.events.push({ kind: 'read', sort: 'getOrSet', process, key, version, valueKey, ...span })
    return this
  }

  readsMany(process: string, keys: string[], version: number, at: number): this {
    const span = { begin: at, end: at + 1 }
    for (const key of keys) {
      this.events.push({
        kind: 'read',
        sort: 'getMany',
        process,
        key,
        version,
        valueKey: key,
        ...span,
      })
    }
    return this
  }

  sleeps(process: string, begin: number, end: number): this {
    this.events.push({ kind: 'asleep', process, begin, end })
    return this
  }

  breaks(name: string, deafens: string[], begin: number, end: number): this {
    this.events.push({ kind: 'fault', name, place: undefined, deafens, begin, end })
    return this
  }
}
