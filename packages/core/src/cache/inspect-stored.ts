import { KIND } from './codec.ts'
import { plainKind } from './compression.ts'
import { FORMATS } from './compression-formats.ts'
import type {
  CopyState,
  InvalidatedBy,
  LeaseInspection,
  RedisInspection,
} from './inspection-types.ts'
import { judgeByTag, type TagRecord } from './stamp.ts'
import { FRESH_UNTIL_OFFSET, type Header, readHeader } from './wire-format.ts'

/** What is to be known besides the bytes of an entry, to say what they are good for. */
export interface Surroundings {
  readonly about: { readonly expiresInMs: number; readonly lease: LeaseInspection | undefined }
  readonly redisNowMs: number
  /** The present era of the namespace; `undefined` if there is none. */
  readonly era: string | undefined
  readonly recordsOf: (tags: readonly string[]) => Promise<readonly (TagRecord | undefined)[]>
  /** Whether Redis has yet to hear of an invalidation that may concern the entry. */
  readonly isPending: (tags: readonly string[]) => boolean
}

/** How long a copy is of use, in milliseconds. */
interface Windows {
  readonly freshForMs: number
  readonly staleWhileRevalidateMs: number
  readonly staleIfErrorMs: number
}

/** What the bytes under a key in Redis come to. */
export async function inspectStored(bytes: Buffer, around: Surroundings): Promise<RedisInspection> {
  let header: Header
  try {
    header = readHeader(bytes)
  } catch (error) {
    const because = (error as Error).message
    return { status: 'unreadable', because, bytes: bytes.length, ...around.about }
  }
  const { tags, lifetime } = header
  const records = tags.length === 0 ? [] : await around.recordsOf(tags)
  const invalidatedBy = whyNot(header, records, around)
  const freshUntilMs = bytes.readDoubleLE(FRESH_UNTIL_OFFSET)
  const freshForMs = Math.min(freshUntilMs - around.redisNowMs, lifetime.ttlMs)
  return {
    status: 'present',
    state: stateOfCopy({ ...lifetime, freshForMs }, invalidatedBy),
    freshForMs,
    version: bytes[2] as number,
    kind: kindName(bytes[3] as number),
    compression: compressionName(bytes[3] as number),
    bytes: bytes.length,
    tags,
    invalidatedBy,
    ...around.about,
  }
}

/** What a copy is good for. */
export function stateOfCopy(windows: Windows, because: readonly InvalidatedBy[]): CopyState {
  const isExpired = (one: InvalidatedBy): boolean => one.kind === 'tag' && one.effect === 'expired'
  if (!because.every(isExpired)) return 'invalid'
  // Who finds a copy expired by a tag lets its stale windows begin then.
  const freshForMs = because.length > 0 ? Math.min(windows.freshForMs, 0) : windows.freshForMs
  if (freshForMs > 0) return 'fresh'
  if (-freshForMs < windows.staleWhileRevalidateMs) return 'stale'
  return -freshForMs < windows.staleIfErrorMs ? 'stale-if-error' : 'expired'
}

function whyNot(
  { stamp, tags }: Header,
  records: readonly (TagRecord | undefined)[],
  { era, isPending }: Surroundings,
): InvalidatedBy[] {
  const because: InvalidatedBy[] = []
  if (isPending(tags)) because.push({ kind: 'pending' })
  if (era !== stamp.era) because.push({ kind: 'clear', loadedIn: stamp.era, present: era })
  tags.forEach((tag, index) => {
    const blame = blameTag(tag, stamp.epoch, records[index])
    if (blame !== undefined) because.push(blame)
  })
  return because
}

function blameTag(
  tag: string,
  loadedIn: number,
  record: TagRecord | undefined,
): InvalidatedBy | undefined {
  if (record === undefined) return { kind: 'tag', tag, effect: 'no-record', loadedIn }
  const verdict = judgeByTag(loadedIn, record)
  if (verdict === 'valid') return undefined
  const effect = verdict === 'stale' ? 'expired' : 'deleted'
  const { deleted: deletedIn, expired: expiredIn } = record
  return { kind: 'tag', tag, effect, loadedIn, deletedIn, expiredIn }
}

function kindName(kind: number): string {
  return nameOf(Object.entries(KIND), plainKind(kind))
}

function compressionName(kind: number): string {
  const formats = Object.entries(FORMATS).map(([name, format]) => [name, format?.id] as const)
  return kind >> 4 === 0 ? 'none' : nameOf(formats, kind >> 4)
}

/** A later release may know it: then it is shown by its number. */
function nameOf(known: readonly (readonly [name: string, id: unknown])[], id: number): string {
  return known.find(([, other]) => other === id)?.[0] ?? String(id)
}
