import type { Random } from '@hotpath/core/base'
import type { Rule, State } from '../algorithms/algorithm.ts'
import { ALGORITHMS } from '../algorithms/algorithms.ts'
import { MaxSketch } from './max-sketch.ts'

interface Entry {
  readonly key: string
  rule: Rule
  state: State
  expiresMs: number
  /** What was used when it was written: time makes it less, never more. */
  used: number
  /** Where it stands in the list of all. */
  at: number
}

/** Of how many entries the one with the most of its limit left gives way. */
const SAMPLE = 8

/** Entries looked at for expiry on each write of a new key: more than come in, so all are seen. */
const SWEEP = 2

/**
 * States by key, bounded. Where it is full, what is far under its limit gives way, and what gave way
 * is remembered in sketches that never under-count. Every call takes the same few steps, however many
 * keys there are; there are no timers.
 */
export class StateTable {
  readonly #maxKeys: number
  readonly #random: Random
  readonly #byKey = new Map<string, Entry>()
  readonly #entries: Entry[] = []
  /** By the length of what they remember, rounded up to a power of two. */
  readonly #sketches = new Map<number, MaxSketch>()
  #hand = 0

  constructor(maxKeys: number, random: Random) {
    this.#maxKeys = maxKeys
    this.#random = random
  }

  get size(): number {
    return this.#entries.length
  }

  /** The state at `nowMs`. */
  read(key: string, rule: Rule, nowMs: number): State {
    const steps = ALGORITHMS[rule.algorithm]
    const entry = this.#byKey.get(key)
    if (entry !== undefined) return steps.roll(rule, entry.state, nowMs)
    const used = this.#sketches.get(periodOf(rule))?.estimate(key, nowMs) ?? 0
    return used === 0 ? [] : steps.add(rule, [], nowMs, used, 0).state
  }

  /** Keeps the state, and says for how many milliseconds it means something. */
  write(key: string, rule: Rule, state: State, nowMs: number): number {
    const steps = ALGORITHMS[rule.algorithm]
    const resetMs = steps.resetMs(rule, state, nowMs)
    const expiresMs = nowMs + resetMs
    const used = steps.used(rule, state)
    const known = this.#byKey.get(key)
    if (known === undefined) {
      this.#makeRoom(nowMs)
      const entry = { key, rule, state, expiresMs, used, at: this.size }
      this.#entries.push(entry)
      this.#byKey.set(key, entry)
    } else {
      known.rule = rule
      known.state = state
      known.expiresMs = expiresMs
      known.used = used
    }
    return resetMs
  }

  /** Forgets the key here. What a sketch says of it remains. */
  delete(key: string): void {
    const entry = this.#byKey.get(key)
    if (entry !== undefined) this.#remove(entry)
  }

  #makeRoom(nowMs: number): void {
    for (let looked = 0; looked < SWEEP && this.size > 0; looked += 1) {
      this.#hand = (this.#hand + 1) % this.size
      const entry = this.#entries[this.#hand] as Entry
      if (entry.expiresMs <= nowMs) this.#remove(entry)
    }
    if (this.size >= this.#maxKeys) this.#evict(nowMs)
  }

  #evict(nowMs: number): void {
    let chosen = this.#draw()
    let least = usageAt(chosen, nowMs)
    for (let drawn = 1; drawn < SAMPLE && least > 0; drawn += 1) {
      const entry = this.#draw()
      const used = usageAt(entry, nowMs)
      if (used < least) {
        chosen = entry
        least = used
      }
    }
    this.#remember(chosen, nowMs)
    this.#remove(chosen)
  }

  #draw(): Entry {
    return this.#entries[Math.floor(this.#random.next() * this.size)] as Entry
  }

  #remember({ key, rule, state }: Entry, nowMs: number): void {
    const steps = ALGORITHMS[rule.algorithm]
    const used = steps.used(rule, steps.roll(rule, state, nowMs))
    if (used === 0) return
    const periodMs = periodOf(rule)
    let sketch = this.#sketches.get(periodMs)
    if (sketch === undefined) {
      sketch = new MaxSketch(periodMs, nowMs, this.#random.next())
      this.#sketches.set(periodMs, sketch)
    }
    sketch.tell(key, used, nowMs)
  }

  #remove(entry: Entry): void {
    this.#byKey.delete(entry.key)
    const last = this.#entries.pop() as Entry
    if (last === entry) return
    last.at = entry.at
    this.#entries[entry.at] = last
  }
}

/** The part of its limit that is used, at most. */
function usageAt({ used, rule, expiresMs }: Entry, nowMs: number): number {
  return expiresMs <= nowMs ? 0 : used / rule.capacity
}

/** No shorter than a full state lasts; few different ones, so that there are few sketches. */
function periodOf({ windowMs, limit, capacity, buckets }: Rule): number {
  const longestMs = Math.max(windowMs * (1 + 1 / buckets), (windowMs * capacity) / limit)
  return 2 ** Math.ceil(Math.log2(longestMs + 1))
}
