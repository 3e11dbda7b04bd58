import type {
  Because,
  Committed,
  Found,
  ListedSession,
  LiveSession,
  StoredField,
} from './session-store.ts'

/** What a load has found. Bytes that are none of ours read as a session without them. */
export function parseFound(reply: unknown): Found {
  const [word, detail, parts] = reply as [Buffer, Buffer, Buffer]
  const kind = String(word)
  if (kind === 'live') return { kind, session: parseSession(Number(detail), String(parts)) }
  if (kind === 'renewed') return { kind, sealed: String(detail) }
  if (kind === 'stolen') return { kind, hash: String(detail) }
  return { kind: 'gone', because: String(detail) as Because }
}

export function parseCommitted(reply: unknown): Committed {
  const [word, ...rest] = (reply as Buffer[]).map(String)
  if (word === 'done') return { kind: 'done', revision: Number(rest[0]) }
  if (word === 'gone') return { kind: 'gone', because: rest[0] as Because }
  const current = new Map<string, StoredField | undefined>()
  for (let index = 0; index < rest.length; index += 2) {
    current.set(rest[index] ?? '', parseField(rest[index + 1] ?? ''))
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

function parseSession(nowMs: number, json: string): LiveSession {
  const parts = JSON.parse(json) as string[]
  const meta = new Map<string, string>()
  const fields = new Map<string, StoredField>()
  for (let index = 0; index < parts.length; index += 2) {
    const name = parts[index] ?? ''
    const text = parts[index + 1] ?? ''
    const field = name.startsWith('d:') ? parseField(text) : undefined
    if (field !== undefined) fields.set(name.slice(2), field)
    else meta.set(name, text)
  }
  return {
    nowMs,
    createdMs: Number(meta.get('c')),
    touchedMs: Number(meta.get('t')),
    renewedMs: Number(meta.get('r')),
    endsMs: Number(meta.get('a')),
    schemaVersion: Number(meta.get('sv')),
    userHash: meta.get('U'),
    owner: meta.get('o') || undefined,
    device: meta.get('dv') || undefined,
    fields,
  }
}

function parseField(stored: string): StoredField | undefined {
  const colon = stored.indexOf(':')
  const revision = Number(stored.slice(0, colon))
  if (colon < 1 || !Number.isSafeInteger(revision)) return undefined
  return { revision, text: stored.slice(colon + 1) }
}
