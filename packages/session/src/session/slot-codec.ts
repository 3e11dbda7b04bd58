import { sessionValue } from '../errors.ts'
import { decodeValue, encodeValue } from '../values/codec.ts'
import type { Sealer } from '../values/seal.ts'
import type { SlotCodec } from './slots.ts'

/** Values as text, encrypted at rest where there is a sealer. `onUnreadable` hears of what was lost. */
export function createSlotCodec(
  sealer: Sealer | undefined,
  onUnreadable: (key: string) => void,
): SlotCodec {
  return {
    encode(key, value) {
      try {
        return encodeValue(value)
      } catch (error) {
        throw sessionValue(key, 'only data can be kept (no functions, symbols or classes)', error)
      }
    },
    decode(key, text) {
      try {
        return decodeValue(text)
      } catch {
        onUnreadable(key)
        return undefined
      }
    },
    seal: (key, plain) => (sealer === undefined ? plain : sealer.seal(plain, key)),
    open(key, stored) {
      const plain = sealer === undefined ? stored : sealer.open(stored, key)
      if (plain === undefined) onUnreadable(key)
      return plain
    },
  }
}
