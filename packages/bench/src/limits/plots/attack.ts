import { createRateLimiter, type PolicyOptions } from '@hotpath/rate-limit'
import { FakeClock } from '@hotpath/testing'
import { WINDOW_MS } from './algorithms.ts'

/** How long the attack goes on. */
export const ATTACK_MS: number = 4 * WINDOW_MS

/**
 * How many are admitted in each millisecond to an attacker who does what is worst for all algorithms
 * that have a worst: one request, nothing until a millisecond before that is a window ago, and from
 * then on whatever can be had.
 */
export async function attack(policy: PolicyOptions): Promise<number[]> {
  const clock = new FakeClock()
  // The windows of sub-buckets are those of the clock: the attacker knows it.
  clock.advance(WINDOW_MS - (clock.now() % WINDOW_MS))
  const limiter = createRateLimiter({ policies: [policy], clock })
  const isAdmitted = async (): Promise<boolean> => (await limiter.consume('attacker')).allowed
  const admitted: number[] = []
  for (let ms = 0; ms < ATTACK_MS; ms += 1) {
    let count = 0
    if (ms === 0) count = (await isAdmitted()) ? 1 : 0
    else if (ms >= WINDOW_MS - 1) while (await isAdmitted()) count += 1
    admitted.push(count)
    clock.advance(1)
  }
  await limiter.close()
  return admitted
}

/** How many were admitted in the window that ends with each millisecond. */
export function perWindow(admitted: readonly number[]): number[] {
  let within = 0
  return admitted.map((count, ms) => {
    within += count - (admitted[ms - WINDOW_MS] ?? 0)
    return within
  })
}
