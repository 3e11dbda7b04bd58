import type { Random } from '@hotpath/core/base'
import type { Item, Question } from './driver.ts'

/** Whether it takes one of so many slots, and not of so many units. */
export function isSlot({ rule }: Pick<Item, 'rule'>): boolean {
  return rule.algorithm === 'concurrency'
}

/** A random whole number of 48 bits, exact in a double and in Lua; 0 where no slot is to be named. */
export function leaseId(random: Random, { hasSlots }: Question): number {
  return hasSlots ? Number.parseInt(random.token(6), 16) : 0
}
