import { setTimeout as delay } from 'node:timers/promises'
import type { Cache } from '../../src/index.ts'

/** Calls of all kinds that go on until they are stopped. */
export interface Traffic {
  readonly calls: number
  /** Lets the calls under way end; gives the errors of those that were rejected. */
  stop(): Promise<unknown[]>
}

const KEYS = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']
const WORKERS = 6
const PACE_MS = 5

/** What an app does, by keys `traffic-...` and tags of the same names. */
export function startTraffic(caches: readonly Cache[]): Traffic {
  const errors: unknown[] = []
  let calls = 0
  let isOver = false
  const work = async (worker: number): Promise<void> => {
    for (let turn = worker; !isOver; turn += 1) {
      const cache = caches[turn % caches.length] as Cache
      try {
        await callOne(cache, turn)
      } catch (error) {
        errors.push(error)
      }
      calls += 1
      await delay(PACE_MS)
    }
  }
  const workers = Promise.all(Array.from({ length: WORKERS }, (_, index) => work(index)))
  return {
    get calls() {
      return calls
    },
    stop: async () => {
      isOver = true
      await workers
      return errors
    },
  }
}

async function callOne(cache: Cache, turn: number): Promise<unknown> {
  const key = `traffic-${KEYS[turn % KEYS.length]}`
  const kind = turn % 11
  if (kind === 0) return await cache.delete(key)
  if (kind === 1) return await cache.set(key, turn, { tags: [key] })
  if (kind === 2) return await cache.deleteByTag(key)
  if (kind === 3) return await cache.getMany([key, 'traffic-none'])
  return await cache.getOrSet(key, () => turn, { tags: [key] })
}
