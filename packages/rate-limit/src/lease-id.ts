import type { Random } from '@hotpath/core/base'
import type { Item } from './driver.ts'

/** A random whole number of 48 bits, exact in a double and in Lua; 0 where no slot is to be named. */
export function leaseId(random: Random, items: readonly Item[]): number {
  const hasSlots = items.some(({ rule }) => rule.algorithm === 'concurrency')
  return hasSlots ? Number.parseInt(random.token(6), 16) : 0
}
