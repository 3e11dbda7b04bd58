import type { SessionContext } from './context.ts'
import { readData, replaceData } from './slot-data.ts'
import type { Slots } from './slots.ts'

/** Brings what was stored to the version and the shape that the app knows; what cannot be is left out. */
export async function adoptData(
  { migrate, version, validate, events }: SessionContext,
  slots: Slots,
  storedVersion: number,
  handle: string | undefined,
): Promise<void> {
  const before = readData(slots)
  try {
    const isOld = migrate !== undefined && storedVersion !== version
    const data = isOld ? migrate(structuredClone(before), storedVersion) : before
    replaceData(slots, validate === undefined ? data : await validate(data))
  } catch {
    events.emit('unreadable', { handle, key: '*' })
    for (const key of Object.keys(before)) slots.markUnreadable(key)
  }
}
