import { describe, expect, it } from 'vitest'
import { MemoryTier } from '../../src/memory/memory-tier.ts'

const entryOf = (bytes: number) => ({ bytes })

describe('MemoryTier', () => {
  it('gives back what it keeps, until that is deleted', () => {
    const tier = new MemoryTier({ maxEntries: 10, maxBytes: 10_000 })
    const entry = entryOf(5)
    tier.set('a', entry)

    const before = tier.get('a')
    tier.delete('a')

    expect(before).toBe(entry)
    expect(tier.get('a')).toBeUndefined()
  })

  it('never holds more than maxEntries, and lets the least recently used go', () => {
    const tier = new MemoryTier({ maxEntries: 3, maxBytes: 1_000_000 })
    for (const key of ['a', 'b', 'c']) tier.set(key, entryOf(1))
    tier.get('a')

    tier.set('d', entryOf(1))

    expect(tier.size).toBe(3)
    expect(['a', 'b', 'c', 'd'].filter((key) => tier.get(key))).toEqual(['a', 'c', 'd'])
    expect(tier.evictions).toBe(1)
  })

  it('never holds more than maxBytes, keys and overhead counted', () => {
    const maxBytes = 100_000
    const tier = new MemoryTier({ maxEntries: 10_000, maxBytes })
    const sizes: number[] = []

    for (let index = 0; index < 1_000; index += 1) {
      tier.set(`key-${index}`, entryOf(index))
      sizes.push(tier.bytes)
    }

    expect(Math.max(...sizes)).toBeLessThanOrEqual(maxBytes)
    expect(tier.size).toBeGreaterThan(0)
    expect(tier.evictions).toBe(1_000 - tier.size)
  })

  it('counts a key and its overhead, so that empty values are bounded too', () => {
    const tier = new MemoryTier({ maxEntries: 10_000, maxBytes: 100_000 })

    for (let index = 0; index < 10_000; index += 1) tier.set(`key-${index}`, entryOf(0))

    expect(tier.size).toBeLessThan(1_000)
  })

  it('does not keep a value that is larger than the whole tier, nor lets others go for it', () => {
    const tier = new MemoryTier({ maxEntries: 10, maxBytes: 1_000 })
    tier.set('small', entryOf(1))

    tier.set('large', entryOf(1_001))

    expect(tier.get('large')).toBeUndefined()
    expect(tier.get('small')).toBeDefined()
  })

  it('does not go on with the old value of a key whose new one is too large', () => {
    const tier = new MemoryTier({ maxEntries: 10, maxBytes: 1_000 })
    tier.set('a', entryOf(1))

    tier.set('a', entryOf(1_001))

    expect(tier.get('a')).toBeUndefined()
  })

  it('does not count a replacement or a deletion as an eviction', () => {
    const tier = new MemoryTier({ maxEntries: 10, maxBytes: 1_000 })
    tier.set('a', entryOf(1))

    tier.set('a', entryOf(2))
    tier.delete('a')

    expect(tier.evictions).toBe(0)
  })

  it('is empty after clear()', () => {
    const tier = new MemoryTier({ maxEntries: 10, maxBytes: 1_000 })
    tier.set('a', entryOf(1))

    tier.clear()

    expect([tier.size, tier.bytes, tier.get('a')]).toEqual([0, 0, undefined])
  })
})
