import { FakeClock } from '@hotpath/testing'
import { describe, expect, it } from 'vitest'
import { RedisClock } from '../../src/cache/redis-clock.ts'

describe("Redis's clock", () => {
  it('is not known before it has been asked', () => {
    expect(new RedisClock(new FakeClock()).tell(1_000)).toBeUndefined()
  })

  it('is told by ours for a second, and then to be asked again', () => {
    const clock = new RedisClock(new FakeClock())
    clock.learn(500_000, 1_000)

    expect(clock.tell(1_000)).toEqual({ redisNowMs: 500_000, askedAtMs: 1_000 })
    expect(clock.tell(2_000)).toEqual({ redisNowMs: 501_000, askedAtMs: 2_000 })
    expect(clock.tell(2_001)).toBeUndefined()
  })

  it('is to be asked again when ours was set back', () => {
    const clock = new RedisClock(new FakeClock())
    clock.learn(500_000, 100_000)

    expect(clock.tell(98_000)).toBeUndefined()
  })

  it('is never told to be earlier than it can be: an answer may have been long on its way', () => {
    const clock = new RedisClock(new FakeClock())

    const { redisNowMs, askedAtMs } = clock.learn(500_000, 1_000)

    expect(redisNowMs - askedAtMs).toBe(499_000)
  })
})
