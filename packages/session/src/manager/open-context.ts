import { createRedisLink, type RedisInput, type StandardSchema } from '@hotpath/core'
import { Events } from '@hotpath/core/base'
import { sessionValue } from '../errors.ts'
import { createKeyring } from '../ids/keyring.ts'
import type { SessionContext } from '../session/context.ts'
import type { SessionEvents } from '../session/events.ts'
import { MemoryStore } from '../store/memory-store.ts'
import { OutageStore } from '../store/outage-store.ts'
import { RedisStore } from '../store/redis-store.ts'
import type { SessionStore, StoreLimits } from '../store/session-store.ts'
import { createSealer } from '../values/seal.ts'
import type { ParsedOptions } from './options-schema.ts'

/** How long an ended session is remembered as such: for longer than any request takes. */
const TOMBSTONE_MS = 300_000

/** Opens what all sessions of one manager share. */
export function openContext(options: ParsedOptions): SessionContext {
  const events = new Events<SessionEvents>({ prefix: 'hotpath:session', about: {} })
  const limits: StoreLimits = {
    idleMs: options.idleTimeout,
    absoluteMs: options.absoluteTimeout,
    touchMs: options.touchInterval,
    graceMs: Math.ceil(options.renewalGrace),
    tombstoneMs: TOMBSTONE_MS,
    maxPerUser: options.maxSessionsPerUser,
  }
  const { schema, encryption } = options
  return {
    store: openStore(options, limits, events),
    keyring: createKeyring(options.secret, options.random),
    limits,
    cookie: options.cookie,
    conflict: options.conflict,
    onStoreError: options.onStoreError,
    renewalMs: options.renewalTimeout,
    sealer: encryption && createSealer(encryption.keys, 'data'),
    version: options.version,
    migrate: options.migrate,
    validate: schema && ((data) => validate(schema, data)),
    isDevelopment: options.development,
    events,
  }
}

function openStore(
  options: ParsedOptions,
  limits: StoreLimits,
  events: Events<SessionEvents>,
): SessionStore {
  const { redis, namespace, ioTimeout, clock, random } = options
  if (redis === undefined) {
    warnOfMemory()
    return new MemoryStore({ limits, maxSessions: options.memory.maxSessions, clock })
  }
  const isShared = (redis as Partial<{ kind: unknown }>).kind === 'hotpath-redis-link'
  const link = createRedisLink(redis as RedisInput, { storeTimeout: ioTimeout, clock, random })
  link.on('state', ({ state, cause }) => {
    if (state !== 'absent') events.emit('state', { state, cause })
  })
  const store = new RedisStore(link, { namespace, limits, random, closesLink: !isShared })
  if (options.onStoreError !== 'memory') return store
  const { maxSessions } = options.memory
  const graceMs = options.outageGrace
  const isUsable = (): boolean => link.isUsable
  const settings = { limits, maxSessions, graceMs, clock, isUsable }
  const surviving = new OutageStore(store, settings)
  link.on('state', ({ state }) => {
    // What fails is tried again by the next request.
    if (state === 'up') surviving.returned().catch(() => {})
  })
  return surviving
}

/** Of the process, for all managers of it say the same. */
let hasWarned = false

function warnOfMemory(): void {
  if (hasWarned) return
  hasWarned = true
  process.emitWarning('No Redis was configured: sessions are kept in this process alone', {
    code: 'HOTPATH_SESSION_MEMORY',
  })
}

async function validate(
  schema: StandardSchema,
  data: Record<string, unknown>,
): Promise<Record<string, unknown>> {
  const result = await schema['~standard'].validate(data)
  if (result.issues === undefined) return result.value as Record<string, unknown>
  const [issue] = result.issues
  throw sessionValue(String(issue?.path?.[0] ?? '*'), issue?.message ?? 'does not fit the schema')
}
