import { ErrorParts } from './error-parts.ts'
import { isPlainObject } from './freeze.ts'

/**
 * A copy of a value, as deep as it goes, in which each instance of a class is what its `toJSON`
 * says or else its own enumerable properties, and each error is its parts. What is shared or leads
 * back to itself does so in the copy.
 */
export function toPlainGraph(value: unknown): unknown {
  return new Walk().copy(value)
}

class Walk {
  readonly #copies = new Map<object, unknown>()
  readonly #openErrors = new Set<Error>()

  readonly copy = (value: unknown): unknown => {
    if (typeof value !== 'object' || value === null) return value
    if (this.#copies.has(value)) return this.#copies.get(value)
    if (Array.isArray(value)) return this.#fill(new Array(value.length), value)
    if (value instanceof Map) return this.#copyMap(value)
    if (value instanceof Set) return this.#copySet(value)
    if (value instanceof Error) return this.#copyError(value)
    if (isPlainObject(value)) return this.#fill(Object.create(Object.getPrototypeOf(value)), value)
    return isCarried(value) ? value : this.#copyInstance(value)
  }

  #fill(copy: object, original: object): object {
    this.#copies.set(original, copy)
    for (const [name, value] of Object.entries(original)) {
      // Not by assignment, for `__proto__` would be the prototype then.
      Object.defineProperty(copy, name, {
        value: this.copy(value),
        writable: true,
        enumerable: true,
        configurable: true,
      })
    }
    return copy
  }

  #copyMap(map: Map<unknown, unknown>): Map<unknown, unknown> {
    const copy = new Map<unknown, unknown>()
    this.#copies.set(map, copy)
    for (const [key, value] of map) copy.set(this.copy(key), this.copy(value))
    return copy
  }

  #copySet(set: Set<unknown>): Set<unknown> {
    const copy = new Set<unknown>()
    this.#copies.set(set, copy)
    for (const member of set) copy.add(this.copy(member))
    return copy
  }

  #copyError(error: Error): ErrorParts {
    // An error is made of its parts, so it cannot be there before them when it is read again.
    if (this.#openErrors.has(error)) throw new TypeError('an Error in it leads back to itself')
    this.#openErrors.add(error)
    const parts = new ErrorParts(error, this.copy)
    this.#openErrors.delete(error)
    this.#copies.set(error, parts)
    return parts
  }

  #copyInstance(instance: object): unknown {
    refuseOpaque(instance)
    const { toJSON } = instance as { toJSON?: unknown }
    if (typeof toJSON !== 'function') return this.#fill({}, instance)
    const plain = this.copy(toJSON.call(instance, ''))
    this.#copies.set(instance, plain)
    return plain
  }
}

/** Types that are written as they are. */
const CARRIED = [Date, RegExp, URL, URLSearchParams, ArrayBuffer, Number, String, Boolean]

function isCarried(value: object): boolean {
  return ArrayBuffer.isView(value) || CARRIED.some((type) => value instanceof type)
}

/** What can only be lost: a forgotten `await` would otherwise be cached as an empty object. */
function refuseOpaque(instance: object): void {
  const isOpaque = [WeakMap, WeakSet, WeakRef].some((type) => instance instanceof type)
  if (isOpaque || typeof (instance as { then?: unknown }).then === 'function') {
    throw new TypeError(`it holds a ${instance.constructor?.name ?? 'thenable'}`)
  }
}
