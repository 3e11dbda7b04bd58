import { describe, expect, it } from 'vitest'
import { decideUse, Entry, totalMs, type Use } from '../../src/cache/entry.ts'

const lifetime = { ttlMs: 100, staleWhileRevalidateMs: 50, staleIfErrorMs: 200 }

function entryMadeAt(nowMs: number): Entry {
  return new Entry('v', 1, [], { era: '', epoch: 0 }, lifetime, nowMs + lifetime.ttlMs)
}

describe('decideUse()', () => {
  it.each<[number, Use]>([
    [0, 'fresh'],
    [99, 'fresh'],
    [100, 'revalidate'],
    [149, 'revalidate'],
    [150, 'on-error'],
    [299, 'on-error'],
    [300, 'unusable'],
  ])('%d ms after the load: %s', (nowMs, use) => {
    expect(decideUse(entryMadeAt(0), nowMs)).toBe(use)
  })
})

describe('Entry', () => {
  it('begins its stale windows when it is expired', () => {
    const entry = entryMadeAt(0)

    entry.expire(30)

    expect(entry).toMatchObject({
      createdAtMs: 0,
      freshUntilMs: 30,
      revalidateUntilMs: 80,
      usableOnErrorUntilMs: 230,
    })
  })

  it('does not prolong its stale windows when it is expired twice', () => {
    const entry = entryMadeAt(0)
    entry.expire(30)

    entry.expire(60)

    expect(entry.revalidateUntilMs).toBe(80)
  })

  it('gives a copy that is of no use to anybody after so long, and stays as it is', () => {
    const entry = entryMadeAt(0)

    const copy = entry.capped(20)

    expect([decideUse(copy, 19), decideUse(copy, 20)]).toEqual(['fresh', 'unusable'])
    expect(decideUse(entry, 20)).toBe('fresh')
    expect([copy.value, copy.createdAtMs]).toEqual([entry.value, entry.createdAtMs])
  })

  it('gives one promise for its value', async () => {
    const entry = entryMadeAt(0)

    expect(entry.promise).toBe(entry.promise)
    expect(await entry.promise).toBe('v')
  })
})

describe('totalMs()', () => {
  it('is the ttl and the longer of the stale windows after it', () => {
    expect(totalMs(lifetime)).toBe(300)
  })
})
