import { isPlainObject } from './freeze.ts'

/** Deeper than this may be a cycle. */
const DEEPEST = 64

/**
 * Whether two values are the same data, so that keeping one of them is enough. Errs on the side of
 * "no": of what is neither a primitive nor a plain object, an array or a Date, only the very same
 * counts.
 */
export function isSameData(one: unknown, other: unknown, depth = 0): boolean {
  if (Object.is(one, other)) return true
  if (depth > DEEPEST || typeof one !== 'object' || typeof other !== 'object') return false
  if (one === null || other === null) return false
  if (Array.isArray(one)) return Array.isArray(other) && isSameArray(one, other, depth + 1)
  if (one instanceof Date) return other instanceof Date && isSameTime(one, other)
  if (!isPlainObject(one) || !isPlainObject(other)) return false
  return isSameObject(one as Fields, other as Fields, depth + 1)
}

type Fields = Record<string, unknown>

function isSameArray(one: readonly unknown[], other: readonly unknown[], depth: number): boolean {
  if (one.length !== other.length) return false
  return one.every((item, index) => isSameData(item, other[index], depth))
}

function isSameTime(one: Date, other: Date): boolean {
  return Object.is(one.getTime(), other.getTime())
}

function isSameObject(one: Fields, other: Fields, depth: number): boolean {
  const names = Object.keys(one)
  if (names.length !== Object.keys(other).length) return false
  if (Object.getPrototypeOf(one) !== Object.getPrototypeOf(other)) return false
  return names.every(
    (name) => Object.hasOwn(other, name) && isSameData(one[name], other[name], depth),
  )
}
