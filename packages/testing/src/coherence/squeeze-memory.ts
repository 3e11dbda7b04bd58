import type { Redis } from 'ioredis'

const SQUEEZE_EVERY_MS = 100
/** How much has to go each time: about half of what a run keeps in Redis. */
const BYTES_TO_GO = 40_000

/**
 * Lets Redis evict keys of every sort, again and again, by a `maxmemory` that is a little less than
 * it uses. Gives what ends that.
 */
export function squeezeMemory(admin: Redis): () => Promise<void> {
  let isOver = false
  const squeezing = (async () => {
    const before = await readInfo(admin, 'stats', 'evicted_keys')
    await admin.config('SET', 'maxmemory-policy', 'allkeys-lru')
    while (!isOver) {
      await admin.config(
        'SET',
        'maxmemory',
        (await readInfo(admin, 'memory', 'used_memory')) - BYTES_TO_GO,
      )
      await new Promise((resolve) => setTimeout(resolve, SQUEEZE_EVERY_MS))
      await admin.config('SET', 'maxmemory', 0)
      await new Promise((resolve) => setTimeout(resolve, SQUEEZE_EVERY_MS))
    }
    const evicted = (await readInfo(admin, 'stats', 'evicted_keys')) - before
    if (evicted === 0) throw new Error('Redis evicted nothing, though it had too little memory')
  })()
  // Whoever ends it hears how it went.
  squeezing.catch(() => {})
  return async () => {
    isOver = true
    await squeezing
  }
}

async function readInfo(admin: Redis, section: string, name: string): Promise<number> {
  const info = await admin.info(section)
  return Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(info)?.[1])
}
