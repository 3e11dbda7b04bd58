import { setTimeout as delay } from 'node:timers/promises'

const POLL_MS = 10
const GIVE_UP_MS = 20_000

/**
 * Waits until `predicate` gives something truthy. For conditions in real servers only; what our
 * own code does is waited for by promises and gates.
 *
 * A predicate that throws or rejects counts as not yet. Gives up after 20 s with an error that
 * names `what` and keeps the predicate's last error as its cause.
 *
 * @example
 * await waitUntil(async () => (await redis.dbsize()) === 0, 'the keys have expired')
 */
export async function waitUntil(
  predicate: () => unknown,
  what = 'the condition holds',
): Promise<void> {
  const startMs = performance.now()
  let cause: unknown
  while (performance.now() - startMs < GIVE_UP_MS) {
    try {
      if (await predicate()) return
      cause = undefined
    } catch (error) {
      cause = error
    }
    await delay(POLL_MS)
  }
  throw new Error(`Waited ${GIVE_UP_MS / 1000} s in vain until ${what}`, { cause })
}
