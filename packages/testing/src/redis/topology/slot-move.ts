import type { RedisServer } from '../redis-server.ts'
import { ask } from './ask.ts'
import type { SlotMove } from './cluster.ts'
import { readId } from './view.ts'

const KEYS_AT_ONCE = 100
const MIGRATE_WITHIN_MS = 5_000

/** Opens a slot on both sides. Who is told when it has moved, besides those two: `others`. */
export async function openSlot(
  slot: number,
  from: RedisServer,
  to: RedisServer,
  others: readonly RedisServer[],
): Promise<SlotMove> {
  const [fromId, toId] = await Promise.all([readId(from), readId(to)])
  await ask(to, 'CLUSTER', 'SETSLOT', slot, 'IMPORTING', fromId)
  await ask(from, 'CLUSTER', 'SETSLOT', slot, 'MIGRATING', toId)
  const migrate = async (keys: readonly string[]): Promise<void> => {
    if (keys.length === 0) return
    const options = [0, MIGRATE_WITHIN_MS, 'KEYS', ...keys]
    await ask(from, 'MIGRATE', to.host, to.port, '', ...options)
  }
  const migrateAll = async (): Promise<void> => {
    for (;;) {
      const keys = await ask(from, 'CLUSTER', 'GETKEYSINSLOT', slot, KEYS_AT_ONCE)
      if ((keys as string[]).length === 0) return
      await migrate(keys as string[])
    }
  }
  return {
    slot,
    from,
    to,
    moveKeys: async (...keys) => await (keys.length === 0 ? migrateAll() : migrate(keys)),
    finish: async () => {
      await migrateAll()
      // The new owner first: it must know before anybody is sent there.
      for (const node of [to, from, ...others]) {
        await ask(node, 'CLUSTER', 'SETSLOT', slot, 'NODE', toId)
      }
    },
  }
}
