import { describe } from 'vitest'
import type { Bench } from '../harness.ts'
import { adversaryFloods } from './adversary-floods.ts'
import { adversaryPoisons } from './adversary-poisons.ts'
import { adversaryUsers } from './adversary-users.ts'
import { adversaryWire } from './adversary-wire.ts'

/** Clients that mean harm: no byte of one user for another, no poisoned entry, memory within its bounds. */
export function adversarySuite(bench: Bench): void {
  describe('adversaries', () => {
    adversaryUsers(bench)
    adversaryPoisons(bench)
    adversaryWire(bench)
    adversaryFloods(bench)
  })
}
