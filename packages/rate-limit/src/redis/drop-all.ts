import type { RedisLink } from '@hotpath/core'
import { invalidOption } from '@hotpath/core/base'

const BATCH = 1_000

/** Removes all keys that match, of a single server: a Cluster's keys are on many. */
export async function dropAll(link: RedisLink, pattern: string): Promise<void> {
  if (link.isCluster) {
    throw invalidOption('resetAll(): redis', 'a Cluster', 'a single server, or another namespace')
  }
  const { keyPrefix } = link
  const match = keyPrefix.replace(/[*?[\]\\]/g, '\\$&') + pattern
  let cursor = '0'
  do {
    const reply = await link.command('scan', cursor, 'MATCH', match, 'COUNT', BATCH)
    const [next, keys] = reply as [Buffer, Buffer[]]
    const names = keys.map((key) => key.toString().slice(keyPrefix.length))
    if (names.length > 0) await link.command('unlink', ...names)
    cursor = next.toString()
  } while (cursor !== '0')
}
