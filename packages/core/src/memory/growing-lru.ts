import { LRUCache } from 'lru-cache'

/**
 * A bounded map that forgets the least recently used first, and takes no more room than what is in
 * it. Told a count, lru-cache would lay out room for all of it beforehand; told a size, it grows.
 */
export function createGrowingLru<V extends {}>(
  most: number,
  onEvict: (value: V) => void = () => {},
): LRUCache<string, V> {
  return new LRUCache<string, V>({
    maxSize: most,
    sizeCalculation: () => 1,
    dispose: (value, _key, reason) => {
      if (reason === 'evict') onEvict(value)
    },
  })
}
