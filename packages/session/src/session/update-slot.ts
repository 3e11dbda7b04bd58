import { SessionConflictError, sessionGone } from '../errors.ts'
import { sealed } from './commit.ts'
import type { StoredSession } from './stored-session.ts'

/** An update is tried this often before it gives up. */
const MOST_UPDATES = 200

/** Writes what `change` makes of a value, at once, and again if another request came between. */
export async function updateSlot(
  stored: StoredSession,
  key: string,
  change: (value: unknown) => unknown,
): Promise<unknown> {
  const { context, slots, codec } = stored
  for (let attempt = 0; attempt < MOST_UPDATES; attempt += 1) {
    const value = await change(slots.get(key))
    slots.set(key, value)
    const id = stored.id
    const mine = slots.changes().find((one) => one.key === key)
    if (!stored.isLive || id === undefined || mine === undefined) return value
    const asked = { ...mine, expected: slots.revisionOf(key) }
    const outcome = await stored.ask(() =>
      context.store.commit(id, sealed([asked], codec), context.version),
    )
    if (outcome.kind === 'gone') throw sessionGone()
    if (outcome.kind === 'done') {
      slots.committed([mine], outcome.revision)
      return value
    }
    slots.rebase(key, outcome.current.get(key), 'theirs')
  }
  throw new SessionConflictError([key])
}
