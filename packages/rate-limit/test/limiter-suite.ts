import { describe, expect, it } from 'vitest'
import type { AlgorithmName, RateLimitLease } from '../src/index.ts'
import { moreOfLimiters } from './more-of-limiters.ts'
import { type LimiterDriver, useLimiters } from './support/harness.ts'

const COUNTING: readonly AlgorithmName[] = [
  'fixed-window',
  'sliding-window',
  'sliding-log',
  'token-bucket',
]

/** What a limiter does, wherever limits are kept. */
export function limiterSuite(driver: LimiterDriver): void {
  describe(`createRateLimiter(), ${driver.name}`, () => {
    const open = useLimiters(driver)

    for (const algorithm of COUNTING) {
      it(`${algorithm}: of 40 at once it admits the limit`, async () => {
        const limiter = open({ limit: 10, window: '1h', algorithm })

        const decisions = await Promise.all(
          Array.from({ length: 40 }, () => limiter.consume('client')),
        )

        expect(decisions.filter(({ allowed }) => allowed)).toHaveLength(10)
        expect(
          decisions.filter(({ isRefusal }) => isRefusal).every(({ reason }) => reason === 'quota'),
        ).toBe(true)
      })
    }

    it('tells what remains, and when it is worth asking again', async () => {
      const limiter = open({ limit: 2, window: '1h', algorithm: 'fixed-window' })

      const first = await limiter.consume('client')
      await limiter.consume('client')
      const refused = await limiter.consume('client')

      expect(first.policies).toMatchObject([
        { name: 'default', limit: 2, remaining: 1, isExceeded: false },
      ])
      expect(refused.policies).toMatchObject([{ remaining: 0, isExceeded: true }])
      expect(refused.retryAfterMs).toBeGreaterThan(3_500_000)
      expect(refused.retryAfterMs).toBeLessThanOrEqual(3_600_000)
    })

    it('clients do not share, whatever their keys look like', async () => {
      const limiter = open({ limit: 1, window: '1h' })
      const keys = ['a', 'a:', '{a}', '*', 'é', '', '\ud800']

      const first = await Promise.all(keys.map((key) => limiter.consume(key)))
      const second = await Promise.all(keys.map((key) => limiter.consume(key)))

      expect(first.map(({ allowed }) => allowed)).toEqual(keys.map(() => true))
      expect(second.map(({ allowed }) => allowed)).toEqual(keys.map(() => false))
    })

    it('trap 37: a refused costly request charges nothing', async () => {
      const limiter = open({ limit: 10, window: '1h', blockCache: false })
      await limiter.consume('client', { cost: 4 })

      const costly = await limiter.consume('client', { cost: 7 })
      const rest = await limiter.consume('client', { cost: 6 })

      expect([costly.allowed, rest.allowed]).toEqual([false, true])
    })

    it('trap 43: of two policies, a refusal by the second charges the first nothing', async () => {
      const limiter = open({
        policies: [
          { name: 'burst', limit: 5, window: '1h' },
          { name: 'daily', limit: 2, window: '1d' },
        ],
      })
      for (let n = 0; n < 4; n += 1) await limiter.consume('client')

      const { policies } = await limiter.peek('client')

      expect(policies).toMatchObject([
        { name: 'burst', remaining: 3, isExceeded: false },
        { name: 'daily', remaining: 0, isExceeded: true },
      ])
    })

    it('limits per user and per address in one decision', async () => {
      const limiter = open({
        policies: [
          { name: 'user', limit: 10, window: '1h' },
          { name: 'address', limit: 3, window: '1h', key: (request) => String(request) },
        ],
      })

      const results = []
      for (const user of ['ann', 'bob', 'cat', 'dan']) {
        results.push((await limiter.consume(user, { request: '10.0.0.1' })).allowed)
      }
      const elsewhere = await limiter.consume('dan', { request: '10.0.0.2' })

      expect(results).toEqual([true, true, true, false])
      expect(elsewhere.allowed).toBe(true)
      expect(elsewhere.policies[0]?.remaining).toBe(9)
    })

    it('peek() charges nothing', async () => {
      const limiter = open({ limit: 1, window: '1h' })
      for (let n = 0; n < 3; n += 1) await limiter.peek('client')

      const { allowed } = await limiter.consume('client')

      expect(allowed).toBe(true)
    })

    it('refund() gives back once', async () => {
      const limiter = open({ limit: 3, window: '1h' })
      const { lease } = await limiter.consume('client', { cost: 2 })
      await limiter.consume('client')

      await limiter.refund(lease as RateLimitLease)
      await limiter.refund(lease as RateLimitLease)

      expect((await limiter.peek('client')).policies[0]?.remaining).toBe(2)
    })

    it('trap 38: a refund after a reset leaves nothing behind', async () => {
      const limiter = open({ limit: 3, window: '1h' })
      const { lease } = await limiter.consume('client')
      await limiter.reset('client')

      await limiter.refund(lease as RateLimitLease)

      expect((await limiter.peek('client')).policies[0]?.remaining).toBe(3)
    })

    it('penalty() charges over the limit', async () => {
      const limiter = open({ limit: 5, window: '1h' })

      await limiter.penalty('client', 7)

      expect((await limiter.consume('client')).isRefusal).toBe(true)
    })

    it('block() refuses, and reset() lets on', async () => {
      const limiter = open({ limit: 5, window: '1h' })
      await limiter.block('client', '1h')

      const blocked = await limiter.consume('client')
      await limiter.reset('client')
      const after = await limiter.consume('client')

      expect(blocked).toMatchObject({ allowed: false, reason: 'banned' })
      expect(blocked.retryAfterMs).toBeGreaterThan(3_500_000)
      expect(after.allowed).toBe(true)
    })

    it('bans who goes on after refusals', async () => {
      const ban = { after: 2, duration: '2h', factor: 2 } as const
      const limiter = open({ limit: 1, window: '1h', ban })
      await limiter.consume('client')

      const first = await limiter.consume('client')
      const second = await limiter.consume('client')

      expect([first.reason, second.reason]).toEqual(['quota', 'banned'])
      expect(second.retryAfterMs).toBeGreaterThan(7_000_000)
    })

    it('trap 44: a window of ten years works', async () => {
      const limiter = open({ limit: 1, window: '3650d' })

      const first = await limiter.consume('client')
      const second = await limiter.consume('client')

      expect([first.allowed, second.allowed]).toEqual([true, false])
      expect(second.retryAfterMs).toBeGreaterThan(3_649 * 86_400_000)
    })

    it("a refund gives back its own charge, and none of a penalty's", async () => {
      const limiter = open({ limit: 10, window: '1h' })
      const { lease } = await limiter.consume('client', { cost: 3 })
      const { lease: penalty } = await limiter.penalty('client', 4)

      await limiter.refund(lease as RateLimitLease)
      const afterRefund = await limiter.peek('client')
      await limiter.refund(penalty as RateLimitLease)

      expect(afterRefund.policies[0]?.remaining).toBe(6)
      expect((await limiter.peek('client')).policies[0]?.remaining).toBe(10)
    })

    moreOfLimiters(open)
  })
}
