import { SessionConflictError } from '../errors.ts'
import type { SessionRef } from '../ids/keyring.ts'
import type { Because, Change, Committed } from '../store/session-store.ts'
import type { SessionContext } from './context.ts'
import type { SlotCodec, Slots } from './slots.ts'

/** Merging is tried this often; then the later write stands. */
const MOST_MERGES = 20

/** Writes what has changed of a session that is in the store. */
export async function commitSlots(
  context: SessionContext,
  ref: SessionRef,
  slots: Slots,
  codec: SlotCodec,
  first: readonly Change[],
): Promise<'done' | Because> {
  let changes = first
  for (let attempt = 0; changes.length > 0; attempt += 1) {
    const asked = expectations(context, changes, attempt)
    const outcome = await context.store.commit(ref, sealed(asked, codec), context.version)
    if (outcome.kind === 'gone') return outcome.because
    if (outcome.kind === 'done') {
      slots.committed(changes, outcome.revision)
      return 'done'
    }
    settleConflict(context, slots, outcome)
    changes = slots.changes()
  }
  return 'done'
}

function expectations(
  { conflict }: SessionContext,
  changes: readonly Change[],
  attempt: number,
): readonly Change[] {
  if (conflict !== 'last-write' && attempt < MOST_MERGES) return changes
  return changes.map((change) => ({ ...change, expected: undefined }))
}

export function sealed(changes: readonly Change[], codec: SlotCodec): Change[] {
  return changes.map((change) => {
    const text = change.text === undefined ? undefined : codec.seal(change.key, change.text)
    return { ...change, text }
  })
}

function settleConflict(
  { conflict }: SessionContext,
  slots: Slots,
  outcome: Committed & { kind: 'conflict' },
): void {
  if (conflict === 'reject') throw new SessionConflictError([...outcome.current.keys()])
  for (const [key, theirs] of outcome.current) slots.rebase(key, theirs, 'merge')
}
