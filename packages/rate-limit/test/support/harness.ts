import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach } from 'vitest'
import { createRateLimiter, type RateLimiter, type RateLimiterOptions } from '../../src/index.ts'

/** A `storeTimeout` for tests that are not about time, on machines that have much else to do. */
const PATIENT = 5_000

/** One way to keep limits, for the suite that every way must pass. */
export interface LimiterDriver {
  readonly name: string
  /** What this way adds to the options of a limiter. */
  options(): Pick<RateLimiterOptions, 'redis'>
}

/** Makes limiters of one namespace a test, closed after it. */
export function useLimiters(driver: LimiterDriver): (options: RateLimiterOptions) => RateLimiter {
  let namespace = ''
  const limiters: RateLimiter[] = []
  beforeEach(() => {
    namespace = `test-${randomBytes(6).toString('hex')}`
  })
  afterEach(async () => {
    await Promise.all(limiters.splice(0).map((limiter) => limiter.close()))
  })
  return (options) => {
    const own = driver.options()
    const patience = own.redis === undefined ? {} : { storeTimeout: PATIENT }
    const limiter = createRateLimiter({ namespace, ...patience, ...own, ...options })
    limiters.push(limiter)
    return limiter
  }
}
