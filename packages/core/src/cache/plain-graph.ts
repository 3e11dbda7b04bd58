import { types } from 'node:util'
import { ErrorParts } from './error-parts.ts'

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
    if (types.isMap(value)) return this.#copyMap(value)
    if (types.isSet(value)) return this.#copySet(value)
    if (types.isNativeError(value) || value instanceof Error) return this.#copyError(value)
    if (ArrayBuffer.isView(value)) return this.#copyView(value)
    return isCarried(value) ? value : this.#copyObject(value)
  }

  #copyObject(object: object): unknown {
    const plain = plainOf(object)
    if (plain !== object) {
      const copy = this.copy(plain)
      this.#copies.set(object, copy)
      return copy
    }
    if (Array.isArray(object)) return this.#fill(new Array(object.length), object)
    if (Object.getPrototypeOf(object) === null) return this.#fill(Object.create(null), object)
    if (!isRoot(Object.getPrototypeOf(object))) refuseOpaque(object)
    return this.#fill({}, object)
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

  /** What a view does not show of its buffer is not part of the value, and may be somebody's secret. */
  #copyView(view: ArrayBufferView): ArrayBufferView {
    if (Buffer.isBuffer(view) || view.byteLength === view.buffer.byteLength) return view
    const View = VIEWS.find((type) => view instanceof type)
    if (View === undefined) return view
    const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength)
    const copy = new View(new Uint8Array(bytes).buffer)
    this.#copies.set(view, copy)
    return copy
  }
}

/** Buffer is not among them: it is written as a type of its own. */
const VIEWS: readonly (new (buffer: ArrayBuffer) => ArrayBufferView)[] = [
  DataView,
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
]

/** Types that are written as they are. */
function isCarried(value: object): boolean {
  return (
    types.isDate(value) ||
    types.isRegExp(value) ||
    types.isArrayBuffer(value) ||
    types.isBoxedPrimitive(value) ||
    value instanceof URL ||
    value instanceof URLSearchParams
  )
}

function plainOf(object: object): unknown {
  const { toJSON } = object as { toJSON?: unknown }
  return typeof toJSON === 'function' ? toJSON.call(object, '') : object
}

/** Whether it is the prototype that ends a chain: of plain objects, here or in another realm. */
function isRoot(prototype: object): boolean {
  return Object.getPrototypeOf(prototype) === null
}

/** What can only be lost: a forgotten `await` would otherwise be cached as an empty object. */
function refuseOpaque(instance: object): void {
  const isThenable = typeof (instance as { then?: unknown }).then === 'function'
  if (!isThenable && Object.keys(instance).length > 0) return
  const name = instance.constructor?.name ?? 'thenable'
  throw new TypeError(`it holds a ${name}, which has no data of its own to see`)
}
