import { FakeClock } from '@hotpath/testing'
import { describe, expect, it } from 'vitest'
import { createRateLimiter, type PolicyOptions, type RateLimitLease } from '../src/index.ts'
import { limiterSuite } from './limiter-suite.ts'

limiterSuite({ name: 'in memory', options: () => ({}) })

describe('bad options', () => {
  const wrong: [options: object, message: RegExp][] = [
    [{ limit: 0, window: '1m' }, /limit: found 0, wanted/],
    [{ limit: 5 }, /window: found undefined, wanted a duration/],
    [{ limit: 5, window: 'soon' }, /window: found "soon", wanted a duration/],
    [
      { limit: 5, window: '1m', algorithm: 'leaky' },
      /algorithm: found "leaky", wanted "fixed-window" or/,
    ],
    [{ limit: 5, window: '1m', burst: 3 }, /burst: found 3, wanted to be left out/],
    [{ limit: 5, window: '1m', onStoreError: 'throw' }, /onStoreError: found "throw"/],
    [{ limit: 5, window: '1m', limitt: 3 }, /limitt: unknown option/],
    [
      { limit: 5, policies: [{ limit: 5, window: '1m' }] },
      /limit: found 5, wanted to be left to `policies`/,
    ],
    [
      {
        policies: [
          { limit: 5, window: '1m' },
          { limit: 5, window: '1m' },
        ],
      },
      /policies: found "default", wanted each name once/,
    ],
    [{ policies: [] }, /policies: found an array of 0, wanted at least 1/],
    [
      { limit: 5, window: '1m', ban: { after: 0, duration: '1m' } },
      /ban.after: found 0, wanted at least 1/,
    ],
    [
      { limit: 5, window: '1m', ban: { after: 1, duration: 0 } },
      /ban.duration: found 0, wanted at least 1 ms/,
    ],
    [{ policies: {} }, /policies: found .*, wanted an array/],
    [{ policies: [null] }, /policies.0: found null, wanted an object/],
    [
      { policies: [{ name: 'a', limit: 5, window: '1m' }], limit: 5 },
      /limit: found 5, wanted to be left to `policies`/,
    ],
    [{ limit: 5, window: '1m', blockCache: { maxKeys: 0 } }, /blockCache.maxKeys: found 0, wanted/],
    [{ limit: 5, window: '1m', redis: 'nope' }, /redis: found "nope", wanted a URL/],
    [undefined as never, /options: found undefined, wanted an object/],
  ]
  for (const [options, message] of wrong) {
    it(`throws at construction: ${message.source}`, () => {
      expect(() => createRateLimiter(options as never)).toThrow(message)
      expect(() => createRateLimiter(options as never)).toThrow(/ERR_OPTION_INVALID/)
    })
  }
})

describe('time, in memory', () => {
  it('each ban is longer than the one before by the factor', async () => {
    const clock = new FakeClock()
    const ban = { after: 1, duration: '1m', factor: 3 } as const
    const window = { limit: 1, window: '10s', algorithm: 'fixed-window' } as const
    const limiter = createRateLimiter({ ...window, ban, clock })
    await limiter.consume('client')

    const first = await limiter.consume('client')
    clock.advance(60_000)
    await limiter.consume('client')
    const second = await limiter.consume('client')

    expect([first.retryAfterMs, second.retryAfterMs]).toEqual([60_000, 180_000])
    await limiter.close()
  })

  it('slots are renewed while their holder lives, and none by one who does not', async () => {
    const clock = new FakeClock()
    const options = { limit: 1, window: '30s', algorithm: 'concurrency', clock } as const
    const limiter = createRateLimiter(options)
    await limiter.consume('client')

    await clock.advanceAsync(120_000)
    const held = await limiter.consume('client')
    await limiter.close()
    await clock.advanceAsync(30_000)
    const after = await limiter.consume('client')

    expect([held.allowed, after.allowed]).toEqual([false, true])
    await limiter.close()
  })

  it('a slot that ends sooner than those held before it is renewed in time', async () => {
    const clock = new FakeClock()
    const policies = (window: unknown): PolicyOptions[] => [
      { name: String(window), limit: 1, algorithm: 'concurrency', window: window as '30s' },
    ]
    const limiter = createRateLimiter({ policies, clock })
    await limiter.consume('client', { request: '30s' })
    await limiter.consume('client', { request: '1s' })

    await clock.advanceAsync(5_000)
    const held = await limiter.consume('client', { request: '1s' })
    await limiter.close()

    expect(held.allowed).toBe(false)
  })

  it('a slot whose response ends after the limiter was closed leaves no timer', async () => {
    const clock = new FakeClock()
    const options = { limit: 2, window: '30s', algorithm: 'concurrency', clock } as const
    const limiter = createRateLimiter(options)
    const { lease } = await limiter.consume('client')
    await limiter.close()

    await limiter.consume('client')
    await limiter.release(lease as RateLimitLease)

    expect(clock.pending).toBe(0)
  })
})
