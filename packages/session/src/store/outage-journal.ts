import type { SessionRef, UserRef } from '../ids/keyring.ts'
import type { Change, EndHow, Move, NewSession, SessionStore } from './session-store.ts'

/** One thing done while Redis was away. */
export type Deed =
  | { readonly kind: 'create'; readonly ref: SessionRef; readonly session: NewSession }
  | {
      readonly kind: 'commit'
      readonly ref: SessionRef
      readonly changes: readonly Change[]
      readonly schemaVersion: number
    }
  | { readonly kind: 'move'; readonly ref: SessionRef; readonly move: Move }
  | { readonly kind: 'end'; readonly ref: SessionRef; readonly how: EndHow | undefined }
  | { readonly kind: 'endAll'; readonly user: UserRef; readonly except: string | undefined }
  | { readonly kind: 'endEveryone' }

/**
 * Does one thing again, in Redis. It may have been done there already, if only the answer was lost:
 * all of these come to the same when they are done twice.
 */
export async function redo(store: SessionStore, deed: Deed): Promise<void> {
  switch (deed.kind) {
    case 'create':
      await store.create(deed.ref, deed.session).catch(unlessThere)
      return
    case 'commit': {
      // Others may have written the same keys meanwhile: of each key the later write stands.
      const changes = deed.changes.map((change) => ({ ...change, expected: undefined }))
      await store.commit(deed.ref, changes, deed.schemaVersion)
      return
    }
    case 'move':
      await store.move(deed.ref, deed.move)
      return
    case 'end':
      await store.end(deed.ref, deed.how)
      return
    case 'endAll':
      await store.endAll(deed.user, deed.except)
      return
    case 'endEveryone':
      await store.endEveryone()
  }
}

function unlessThere(error: Error): void {
  if (!error.message.includes('EXISTS')) throw error
}
