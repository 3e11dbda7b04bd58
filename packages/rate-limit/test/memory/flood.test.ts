import { FakeClock, SeededRandom } from '@hotpath/testing'
import { expect, it } from 'vitest'
import type { Question } from '../../src/driver.ts'
import { MemoryDriver } from '../../src/memory/memory-driver.ts'

const BAN = { after: 0, durationMs: 0, factor: 1, forgetMs: 0 }

function ask(key: string, limit: number): Question {
  const rule = {
    algorithm: 'sliding-window',
    limit,
    windowMs: 3_600_000,
    capacity: limit,
    buckets: 10,
  } as const
  return {
    banKey: `${key}:b`,
    ban: BAN,
    items: [{ key, rule, cost: 1 }],
    names: ['a'],
    hasSlots: false,
  }
}

it('trap 40: a flood of 1,000,000 keys takes bounded memory, and the client over its limit stays refused', {
  timeout: 120_000,
}, () => {
  const driver = new MemoryDriver(50_000, new FakeClock(), new SeededRandom(40))
  for (let n = 0; n < 100; n += 1) driver.decide(ask('attacker', 100), 'consume')
  const before = process.memoryUsage().rss

  for (let n = 0; n < 1_000_000; n += 1) driver.decide(ask(`flood-${n}`, 100), 'consume')
  const after = driver.decide(ask('attacker', 100), 'consume')
  const grown = process.memoryUsage().rss - before

  console.log(`1,000,000 keys: ${driver.size} remembered, ${Math.round(grown / 2 ** 20)} MiB more`)
  expect(driver.size).toBeLessThanOrEqual(50_000)
  expect(after.allowed).toBe(false)
})

it('trap 40: even where every client is over its limit and few are remembered, none is forgotten', () => {
  const driver = new MemoryDriver(10, new FakeClock(), new SeededRandom(40))
  const clients = Array.from({ length: 1_000 }, (_, n) => `client-${n}`)
  for (const client of clients) {
    for (let n = 0; n < 3; n += 1) driver.decide(ask(client, 3), 'consume')
  }

  const admitted = clients.filter((client) => driver.decide(ask(client, 3), 'consume').allowed)

  expect(admitted).toEqual([])
})

it('a flood of keys used once leaves strangers nearly all of their limit', () => {
  const driver = new MemoryDriver(1_000, new FakeClock(), new SeededRandom(40))
  for (let n = 0; n < 200_000; n += 1) driver.decide(ask(`flood-${n}`, 100), 'consume')

  const strangers = Array.from({ length: 1_000 }, (_, n) =>
    driver.decide(ask(`new-${n}`, 100), 'peek'),
  )

  expect(
    Math.min(...strangers.map(({ policies }) => policies[0]?.remaining ?? 0)),
  ).toBeGreaterThanOrEqual(95)
})

it('what has expired makes room by itself', () => {
  const clock = new FakeClock()
  const driver = new MemoryDriver(50_000, clock, new SeededRandom(40))
  for (let n = 0; n < 10_000; n += 1) driver.decide(ask(`old-${n}`, 100), 'consume')
  clock.advance(2 * 3_600_000)

  for (let n = 0; n < 10_000; n += 1) driver.decide(ask(`new-${n}`, 100), 'consume')

  expect(driver.size).toBeLessThan(10_100)
})

it('trap 40: a flood of clients that are refused lets nobody off a ban', () => {
  const driver = new MemoryDriver(1_000, new FakeClock(), new SeededRandom(40))
  const ban = { after: 2, durationMs: 86_400_000, factor: 1, forgetMs: 86_400_000 }
  const visit = (key: string): boolean =>
    driver.decide({ ...ask(key, 1), ban }, 'consume').bannedForMs > 0
  for (let n = 0; n < 3; n += 1) visit('attacker')

  for (let n = 0; n < 20_000; n += 1) {
    visit(`flood-${n}`)
    visit(`flood-${n}`)
  }

  expect(visit('attacker')).toBe(true)
})
