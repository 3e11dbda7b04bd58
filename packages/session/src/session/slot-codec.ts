import { sessionValue } from '../errors.ts'
import { decodeValue, encodeValue } from '../values/codec.ts'
import type { Sealer } from '../values/seal.ts'
import type { SlotCodec } from './slots.ts'

/** Values as text, encrypted at rest where there is a sealer. `onUnreadable` hears of what was lost. */
export class ValueCodec implements SlotCodec {
  readonly #sealer: Sealer | undefined
  readonly #onUnreadable: (key: string) => void

  constructor(sealer: Sealer | undefined, onUnreadable: (key: string) => void) {
    this.#sealer = sealer
    this.#onUnreadable = onUnreadable
  }

  encode(key: string, value: unknown): string {
    try {
      return encodeValue(value)
    } catch (error) {
      throw sessionValue(key, 'only data can be kept (no functions, symbols or classes)', error)
    }
  }

  decode(key: string, text: string): unknown {
    try {
      return decodeValue(text)
    } catch {
      this.#onUnreadable(key)
      return undefined
    }
  }

  seal(key: string, plain: string): string {
    return this.#sealer === undefined ? plain : this.#sealer.seal(plain, key)
  }

  open(key: string, stored: string): string | undefined {
    const plain = this.#sealer === undefined ? stored : this.#sealer.open(stored, key)
    if (plain === undefined) this.#onUnreadable(key)
    return plain
  }
}
