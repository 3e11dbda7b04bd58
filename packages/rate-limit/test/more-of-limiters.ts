import { expect, it } from 'vitest'
import type { RateLimiter, RateLimiterOptions, RateLimitLease } from '../src/index.ts'

/** The rest of the limiters' suite: slots, functions of the request, shadow mode. */
export function moreOfLimiters(open: (options: RateLimiterOptions) => RateLimiter): void {
  it('concurrency: a slot is free again when it is released', async () => {
    const limiter = open({ limit: 2, algorithm: 'concurrency' })
    const { lease } = await limiter.consume('client')
    await limiter.consume('client')

    const third = await limiter.consume('client')
    await limiter.release(lease as RateLimitLease)
    const fourth = await limiter.consume('client')

    expect([third.allowed, fourth.allowed]).toEqual([false, true])
  })

  it('release() frees the slots of a request and keeps its charge', async () => {
    const limiter = open({
      policies: [
        { name: 'rate', limit: 5, window: '1h' },
        { name: 'parallel', limit: 1, algorithm: 'concurrency' },
      ],
    })
    const { lease } = await limiter.consume('client', { cost: 2 })

    await limiter.release(lease as RateLimitLease)

    expect((await limiter.peek('client')).policies).toMatchObject([
      { name: 'rate', remaining: 3 },
      { name: 'parallel', remaining: 1 },
    ])
  })

  it('policies and limits may depend on the request', async () => {
    const limiter = open({
      policies: (request) => [
        { name: String(request), limit: () => (request === 'paid' ? 3 : 1), window: '1h' },
      ],
    })
    const admitted = async (request: string): Promise<number> => {
      let count = 0
      for (let n = 0; n < 5; n += 1) {
        if ((await limiter.consume('client', { request })).allowed) count += 1
      }
      return count
    }

    expect([await admitted('free'), await admitted('paid')]).toEqual([1, 3])
  })

  it('shadow mode refuses nobody and counts whom it would have refused', async () => {
    const limiter = open({ limit: 1, window: '1h', mode: 'shadow' })
    await limiter.consume('client')

    const second = await limiter.consume('client')

    expect(second).toMatchObject({ allowed: true, isRefusal: true, reason: 'quota' })
    expect(limiter.stats()).toMatchObject({ allowed: 2, refused: 0, shadowRefused: 1 })
  })

  it('shadow mode tells its listeners which policies would have refused, and never a key', async () => {
    const limiter = open({ name: 'tight', limit: 1, window: '1h', mode: 'shadow' })
    const told: object[] = []
    limiter.on('decision', (detail) => told.push(detail))

    await limiter.consume('ann@example.org')
    await limiter.consume('ann@example.org')

    expect(told).toMatchObject([
      { allowed: true, isRefusal: false, reason: 'ok', exceeded: [], mode: 'shadow' },
      { allowed: true, isRefusal: true, reason: 'quota', exceeded: ['tight'], mode: 'shadow' },
    ])
    expect(JSON.stringify(told)).not.toContain('ann')
  })
}
