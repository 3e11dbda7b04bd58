import type { LiveSession, NewSession, StoredField, StoreLimits } from './session-store.ts'

/** A session that lives. */
export interface Kept {
  readonly kind: 'live'
  readonly createdMs: number
  readonly endsMs: number
  readonly owner: string
  readonly device: string
  readonly userHash: string | undefined
  /** Never changed, but replaced: readers have it as well. */
  fields: ReadonlyMap<string, StoredField>
  touchedMs: number
  renewedMs: number
  schemaVersion: number
  revision: number
  expiresMs: number
}

interface Ended {
  readonly kind: 'ended'
  readonly because: 'ended' | 'replaced'
  readonly expiresMs: number
}

/** Where a session was before its id was renewed. */
export interface Renewed {
  readonly kind: 'renewed'
  readonly to: string
  readonly untilMs: number
  readonly sealed: string
  readonly expiresMs: number
}

/** What is under one hash. */
export type Place = Kept | Ended | Renewed

/** What a reader is given: nothing that changes later. */
export function snapshot(kept: Kept, nowMs: number): LiveSession {
  return {
    nowMs,
    createdMs: kept.createdMs,
    touchedMs: kept.touchedMs,
    renewedMs: kept.renewedMs,
    endsMs: kept.endsMs,
    schemaVersion: kept.schemaVersion,
    userHash: kept.userHash,
    owner: kept.owner || undefined,
    device: kept.device || undefined,
    fields: kept.fields,
  }
}

/** A session that begins now. */
export function begun(
  session: NewSession,
  nowMs: number,
  { absoluteMs }: StoreLimits,
): LiveSession {
  return {
    nowMs,
    createdMs: nowMs,
    touchedMs: nowMs,
    renewedMs: nowMs,
    endsMs: absoluteMs > 0 ? nowMs + absoluteMs : 0,
    schemaVersion: session.schemaVersion,
    userHash: session.user?.hash,
    owner: session.owner,
    device: session.device,
    fields: new Map([...session.fields].map(([key, text]) => [key, { revision: 1, text }])),
  }
}

/** A session as another store has it, by this process's clock. */
export function adopted(session: LiveSession, skewMs: number, idleMs: number): Kept {
  const endsMs = session.endsMs > 0 ? session.endsMs + skewMs : 0
  const idleEndMs = Math.max(session.touchedMs, session.nowMs) + skewMs + idleMs
  return {
    kind: 'live',
    createdMs: session.createdMs + skewMs,
    touchedMs: session.touchedMs + skewMs,
    renewedMs: session.renewedMs + skewMs,
    endsMs,
    expiresMs: endsMs > 0 ? Math.min(endsMs, idleEndMs) : idleEndMs,
    owner: session.owner ?? '',
    device: session.device ?? '',
    userHash: session.userHash,
    schemaVersion: session.schemaVersion,
    revision: Math.max(1, ...[...session.fields.values()].map(({ revision }) => revision)),
    fields: session.fields,
  }
}
