import { setTimeout as sleep } from 'node:timers/promises'
import { createCache } from '@hotpath/core'
import { startRedis } from '@hotpath/testing'
import { formatPhase, HEAD, type Phase } from './phase.ts'

/**
 * What readers feel of a Redis that stands still (SIGSTOP), and of one that is killed and comes back:
 * reads of keys that are partly in memory, with a loader of 5 ms, before, during and after.
 */
const LOAD_MS = 5
const STORE_TIMEOUT_MS = 250
const PHASE_MS = 4_000
const READERS = 8
const KEYS = 2_000

const redis = await startRedis({ faults: true })
const cache = createCache({ redis: redis.url, storeTimeout: STORE_TIMEOUT_MS, ttl: '2s' })
let loads = 0
const load = async (): Promise<string> => {
  loads += 1
  await sleep(LOAD_MS)
  return 'value'
}

/** Reads for a while from several callers at once. */
async function read(name: string): Promise<Phase> {
  const durationsMs: number[] = []
  const endMs = performance.now() + PHASE_MS
  const loadsBefore = loads
  let rejected = 0
  const reader = async (): Promise<void> => {
    while (performance.now() < endMs) {
      const startedMs = performance.now()
      // Squared: some keys are asked for often and lie in memory, most are not.
      const key = `key-${Math.floor(Math.random() ** 2 * KEYS)}`
      await cache.getOrSet(key, load).catch(() => {
        rejected += 1
      })
      durationsMs.push(performance.now() - startedMs)
      await sleep(1)
    }
  }
  await Promise.all(Array.from({ length: READERS }, reader))
  const slow = durationsMs.filter((ms) => ms >= STORE_TIMEOUT_MS).length
  return { name, durationsMs, slow, loads: loads - loadsBefore, rejected }
}

async function untilOk(): Promise<number> {
  const startedMs = performance.now()
  while (cache.health().status !== 'ok') await sleep(5)
  return performance.now() - startedMs
}

console.log(
  `storeTimeout ${STORE_TIMEOUT_MS} ms, loader ${LOAD_MS} ms, ${READERS} readers; times in ms`,
)
console.log(HEAD)
for (const [fault, begin, end] of [
  ['SIGSTOP', () => redis.pause(), () => redis.resume()],
  ['SIGKILL', () => redis.kill(), () => redis.restart()],
] as const) {
  await untilOk()
  console.log(formatPhase(await read('before')))
  const isDown = new Promise<number>((resolve) => {
    const startedMs = performance.now()
    const stop = cache.on('state', ({ redis: state }) => {
      if (state !== 'down') return
      stop()
      resolve(performance.now() - startedMs)
    })
  })
  await begin()
  console.log(formatPhase(await read(`${fault}: the first ${PHASE_MS / 1_000} s`)))
  console.log(formatPhase(await read('and the next')))
  await end()
  const backMs = await untilOk()
  console.log(formatPhase(await read('after')))
  const openedMs = await isDown
  console.log(
    `given up after ${openedMs.toFixed(0)} ms, used again ${backMs.toFixed(0)} ms after it was back\n`,
  )
}
await cache.close()
await redis.stop()
