import type { Change, StoredField } from '../store/session-store.ts'
import { mergeValues } from '../values/merge.ts'

/** How values become text and back; `key` is what they are stored under. */
export interface SlotCodec {
  encode(key: string, value: unknown): string
  /** Throws for what cannot be read. */
  decode(key: string, text: string): unknown
  seal(key: string, plain: string): string
  /** `undefined` for what cannot be opened. */
  open(key: string, stored: string): string | undefined
}

interface Slot {
  /** The text that is in the store; `undefined`: none. */
  base: string | undefined
  /** Its revision, 0 for none; `undefined`: the store was not asked. */
  revision: number | undefined
  value: unknown
  isDecoded: boolean
  /** It could not be read: what is in the store reads as nothing, and goes with the next change. */
  isUnreadable: boolean
}

/** The keys of one session in one request: what the store has, and what the handler made of it. */
export class Slots {
  readonly #slots = new Map<string, Slot>()
  readonly #codec: SlotCodec
  #isComplete = false

  constructor(codec: SlotCodec) {
    this.#codec = codec
  }

  /** Takes what the store has; keys that the handler has written meanwhile stay as it wrote them. */
  fill(fields: ReadonlyMap<string, StoredField>): void {
    this.#isComplete = true
    for (const [key, { revision, text }] of fields) {
      const base = this.#codec.open(key, text)
      const slot = this.#slots.get(key)
      if (slot === undefined) {
        const slot = { base, revision, value: undefined, isDecoded: false, isUnreadable: false }
        this.#slots.set(key, slot)
      } else if (slot.revision === undefined) Object.assign(slot, { base, revision })
    }
    for (const slot of this.#slots.values()) slot.revision ??= 0
  }

  get(key: string): unknown {
    const slot = this.#slots.get(key)
    return slot && this.#decoded(key, slot)
  }

  /** The revision that a change of this key is made from. */
  revisionOf(key: string): number {
    return this.#slots.get(key)?.revision ?? 0
  }

  set(key: string, value: unknown): void {
    // To throw at once for what is no data; its text may be another by the time that it is written.
    if (!isSimple(value)) this.#codec.encode(key, value)
    const slot = this.#slots.get(key) ?? this.#absent()
    slot.value = value
    slot.isDecoded = true
    slot.isUnreadable = false
    this.#slots.set(key, slot)
  }

  keys(): string[] {
    return [...this.#slots.keys()].filter((key) => this.get(key) !== undefined)
  }

  /** What differs from the store, mutations deep inside of values included. */
  changes(): Change[] {
    const changes: Change[] = []
    const unreadable: Change[] = []
    for (const [key, slot] of this.#slots) {
      const text = this.#textOf(key, slot)
      if (!isChanged(slot, text)) continue
      const change = { key, text, expected: slot.revision }
      if (slot.isUnreadable) unreadable.push(change)
      else changes.push(change)
    }
    // Who only reads removes nothing: another version of the app may know what it is.
    return changes.length === 0 ? changes : [...changes, ...unreadable]
  }

  /** What the store has of a key cannot be read; what the handler has made of it stays. */
  markUnreadable(key: string): void {
    const slot = this.#slots.get(key)
    if (slot === undefined || isChanged(slot, this.#textOf(key, slot))) return
    Object.assign(slot, { value: undefined, isDecoded: true, isUnreadable: true })
  }

  /** All values as text, to be stored under another id. */
  texts(keep?: readonly string[]): Map<string, string> {
    const texts = new Map<string, string>()
    for (const [key, slot] of this.#slots) {
      const text = this.#textOf(key, slot)
      if (text !== undefined && (keep === undefined || keep.includes(key))) texts.set(key, text)
    }
    return texts
  }

  /** The store has taken these. */
  committed(changes: readonly Change[], revision: number): void {
    for (const { key, text } of changes) {
      const slot = this.#slots.get(key)
      if (text === undefined && slot?.value === undefined) this.#slots.delete(key)
      else if (slot) {
        slot.base = text
        slot.revision = text === undefined ? 0 : revision
      }
    }
  }

  /** Another request has written this key: our change is made to start from that. */
  rebase(key: string, theirs: StoredField | undefined, how: 'merge' | 'theirs'): void {
    const slot = this.#slots.get(key) ?? this.#absent()
    const base = theirs && this.#codec.open(key, theirs.text)
    const revision = theirs?.revision ?? 0
    const value = base === undefined ? undefined : this.#codec.decode(key, base)
    if (how === 'theirs') {
      this.#slots.set(key, { base, revision, value, isDecoded: true, isUnreadable: false })
      return
    }
    const before = slot.base === undefined ? undefined : this.#codec.decode(key, slot.base)
    const merged = mergeValues(before, this.#decoded(key, slot), value)
    this.#slots.set(key, { base, revision, value: merged, isDecoded: true, isUnreadable: false })
  }

  clear(keep: readonly string[] = []): void {
    for (const key of this.#slots.keys()) if (!keep.includes(key)) this.#slots.delete(key)
  }

  /** Whatever is here is in no store yet. */
  detach(): void {
    this.#isComplete = true
    for (const [key, slot] of this.#slots) {
      this.#decoded(key, slot)
      Object.assign(slot, { base: undefined, revision: 0 })
    }
  }

  #absent(): Slot {
    const revision = this.#isComplete ? 0 : undefined
    return { base: undefined, revision, value: undefined, isDecoded: true, isUnreadable: false }
  }

  #decoded(key: string, slot: Slot): unknown {
    if (slot.isDecoded) return slot.value
    slot.value = slot.base === undefined ? undefined : this.#codec.decode(key, slot.base)
    slot.isUnreadable = slot.base !== undefined && slot.value === undefined
    slot.isDecoded = true
    return slot.value
  }

  #textOf(key: string, slot: Slot): string | undefined {
    if (!slot.isDecoded) return slot.base
    return slot.value === undefined ? undefined : this.#codec.encode(key, slot.value)
  }
}

function isSimple(value: unknown): boolean {
  return ['string', 'number', 'boolean', 'undefined'].includes(typeof value)
}

/** A key that was never read may be there: only the store can tell that removing it is nothing. */
function isChanged({ base, revision }: Slot, text: string | undefined): boolean {
  return text !== base || (text === undefined && revision === undefined)
}
