import type { Random } from '@hotpath/core/base'

/** A random whole number of 48 bits, exact in a double and in Lua. */
export function leaseId(random: Random): number {
  return Number.parseInt(random.token(6), 16)
}
