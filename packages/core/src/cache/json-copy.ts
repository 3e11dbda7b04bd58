/** A frozen copy of a value that JSON brings back exactly. */
export interface JsonCopy {
  readonly copy: unknown
  /** About as many as the value's JSON has. */
  readonly bytes: number
}

/**
 * Copies a value as JSON would bring it back, in one pass and without the text; `undefined` if JSON
 * would not bring it back exactly.
 */
export function copyJson(value: object): JsonCopy | undefined {
  const walk = new Walk()
  const copy = walk.copy(value, 0)
  return copy === NO_JSON ? undefined : { copy, bytes: walk.bytes }
}

/** Whether JSON brings a value back that is no object. */
export function isJsonScalar(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value) && !Object.is(value, -0)
  return typeof value === 'string' || typeof value === 'boolean' || value === null
}

const NO_JSON: unique symbol = Symbol('no JSON')

/** Deeper than this may be a cycle: the rich format tells. */
const DEEPEST = 64
/** From then on objects are looked up: what is shared at every level would be copied without end. */
const MOST_UNNOTICED = 10_000

class Walk {
  bytes = 0
  #objects = 0
  #seen: Set<object> | undefined

  copy(value: unknown, depth: number): unknown {
    switch (typeof value) {
      case 'string':
        this.bytes += value.length + 3
        return value
      case 'object':
        if (value !== null) return this.#copyObject(value, depth)
        this.bytes += 5
        return value
      default:
        this.bytes += 8
        return isJsonScalar(value) ? value : NO_JSON
    }
  }

  #copyObject(value: object, depth: number): unknown {
    if (depth > DEEPEST || this.#isSharedTooOften(value)) return NO_JSON
    this.bytes += 3
    switch (Object.getPrototypeOf(value)) {
      case Object.prototype:
        return this.#copyMembers(value as Record<string, unknown>, depth + 1)
      case Array.prototype:
        return Array.isArray(value) ? this.#copyItems(value, depth + 1) : NO_JSON
      default:
        return NO_JSON
    }
  }

  #copyMembers(object: Record<string, unknown>, depth: number): unknown {
    const copy: Record<string, unknown> = {}
    for (const name in object) {
      if (!Object.hasOwn(object, name)) continue
      const member = this.copy(object[name], depth)
      if (member === NO_JSON) return NO_JSON
      this.bytes += name.length + 3
      if (name === '__proto__') defineProto(copy, member)
      else copy[name] = member
    }
    return Object.freeze(copy)
  }

  #copyItems(array: readonly unknown[], depth: number): unknown {
    const copy: unknown[] = []
    // By index, for iteration by `forEach` and the like skips holes, which JSON turns into null.
    for (let index = 0; index < array.length; index += 1) {
      const item = this.copy(array[index], depth)
      if (item === NO_JSON) return NO_JSON
      copy.push(item)
    }
    return Object.freeze(copy)
  }

  #isSharedTooOften(value: object): boolean {
    this.#objects += 1
    if (this.#objects <= MOST_UNNOTICED) return false
    this.#seen ??= new Set()
    if (this.#seen.has(value)) return true
    this.#seen.add(value)
    return false
  }
}

/** As JSON.parse does: by assignment it would be the prototype. */
function defineProto(copy: object, value: unknown): void {
  Object.defineProperty(copy, '__proto__', {
    value,
    writable: true,
    enumerable: true,
    configurable: true,
  })
}
