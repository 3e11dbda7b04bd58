import type { Slots } from './slots.ts'

/** All values of the app's own; names that start with `~` are ours. */
export function readData(slots: Slots): Record<string, unknown> {
  const keys = slots.keys().filter((key) => !key.startsWith('~'))
  return Object.fromEntries(keys.map((key) => [key, slots.get(key)]))
}

/** Makes `data` the values of the app; what it does not have is removed. */
export function replaceData(slots: Slots, data: Record<string, unknown>): void {
  for (const key of Object.keys(readData(slots))) {
    if (!Object.hasOwn(data, key)) slots.set(key, undefined)
  }
  for (const [key, value] of Object.entries(data)) slots.set(key, value)
}
