import type {
  Because,
  Committed,
  Found,
  ListedSession,
  LiveSession,
  StoredField,
} from './session-store.ts'

/** How the names of the app's own fields begin. */
export const DATA = 'd:'

/** What a load has found. Bytes that are none of ours read as a session without them. */
export function parseFound(reply: unknown): Found {
  if (Buffer.isBuffer(reply)) return { kind: 'live', session: parseSession(reply.toString()) }
  const [word, detail] = reply as [Buffer, Buffer]
  const kind = String(word)
  if (kind === 'renewed') return { kind, sealed: String(detail) }
  if (kind === 'stolen') return { kind, hash: String(detail) }
  return { kind: 'gone', because: String(detail) as Because }
}

export function parseCommitted(reply: unknown): Committed {
  if (Buffer.isBuffer(reply)) return { kind: 'done', revision: Number(reply.toString()) }
  const [word, ...rest] = (reply as Buffer[]).map(String)
  if (word === 'gone') return { kind: 'gone', because: rest[0] as Because }
  const current = new Map<string, StoredField | undefined>()
  for (let index = 0; index < rest.length; index += 2) {
    const key = (rest[index] ?? '').slice(DATA.length)
    current.set(key, parseField(rest[index + 1] ?? ''))
  }
  return { kind: 'conflict', current }
}

export function parseListed(reply: unknown): ListedSession[] {
  const parts = (reply as Buffer[]).map(String)
  return Array.from({ length: parts.length / 4 }, (_, index) => {
    const [hash = '', created, touched, device = ''] = parts.slice(index * 4, index * 4 + 4)
    return { hash, createdMs: Number(created), touchedMs: Number(touched), device }
  })
}

/** The time, then names and values in turn as JSON. */
function parseSession(text: string): LiveSession {
  const start = text.indexOf('[')
  const parts = JSON.parse(text.slice(start)) as string[]
  const meta: Record<string, string> = {}
  const fields = new Map<string, StoredField>()
  for (let index = 0; index < parts.length; index += 2) {
    const name = parts[index] ?? ''
    const value = parts[index + 1] ?? ''
    const field = name.startsWith(DATA) ? parseField(value) : undefined
    if (field !== undefined) fields.set(name.slice(DATA.length), field)
    else meta[name] = value
  }
  const [createdMs, renewedMs, endsMs] = (meta.m ?? '').split(' ')
  return {
    nowMs: Number(text.slice(0, start)),
    createdMs: Number(createdMs),
    touchedMs: Number(meta.t),
    renewedMs: Number(renewedMs),
    endsMs: Number(endsMs),
    schemaVersion: Number(meta.v?.split(':')[1]),
    userHash: meta.U,
    owner: meta.o || undefined,
    device: meta.dv || undefined,
    fields,
  }
}

function parseField(stored: string): StoredField | undefined {
  const colon = stored.indexOf(':')
  const revision = Number(stored.slice(0, colon))
  if (colon < 1 || !Number.isSafeInteger(revision)) return undefined
  return { revision, text: stored.slice(colon + 1) }
}
