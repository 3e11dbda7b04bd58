import { createRedisLink, systemRandom } from '@hotpath/core'
import { Redis } from 'ioredis'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createKeyring, type SessionId, type UserRef } from '../src/ids/keyring.ts'
import { RedisStore } from '../src/store/redis-store.ts'
import { newNamespace, PATIENT, useRedis } from './harness.ts'
import { LIMITS } from './store-suite.ts'

const keyring = createKeyring(['a secret of thirty-two characters!'], systemRandom)
const server = useRedis()
let redis: Redis
let namespace = ''
let store: RedisStore | undefined

beforeAll(() => {
  redis = new Redis(server.server.url)
})
afterAll(() => {
  redis.disconnect()
})
afterEach(async () => {
  await store?.close()
})

function open(): RedisStore {
  namespace = newNamespace()
  const link = createRedisLink(server.server.url, { storeTimeout: PATIENT })
  store = new RedisStore(link, {
    namespace,
    limits: LIMITS,
    random: systemRandom,
    closesLink: true,
  })
  return store
}

async function begin(opened: RedisStore, user: UserRef): Promise<SessionId> {
  const id = keyring.newId(user)
  await opened.create(id, {
    user,
    owner: 'somebody',
    device: '',
    schemaVersion: 1,
    fields: new Map([['a', '1']]),
  })
  return id
}

function userOf(name: string): UserRef {
  return keyring.userRefs(name)[0] as UserRef
}

/** Puts a list where one of our keys was. */
async function replace(pattern: string): Promise<void> {
  const keys = await redis.keys(`${namespace}:${pattern}`)
  expect(keys).not.toEqual([])
  for (const key of keys) {
    await redis.del(key)
    await redis.rpush(key, 'a', 'list')
  }
}

const CHANGE = [{ key: 'a', text: '2', expected: undefined }]

describe('another program has written a list where', () => {
  it('a session was: there is no session, whatever is asked of it first', async () => {
    const opened = open()
    const user = userOf('somebody')
    const ids = [await begin(opened, user), await begin(opened, user), await begin(opened, user)]
    const [read, written, moved] = ids as [SessionId, SessionId, SessionId]
    await replace('*:s:*')

    expect(await opened.load(read)).toEqual({ kind: 'gone', because: 'missing' })
    expect(await opened.commit(written, CHANGE, 1)).toEqual({ kind: 'gone', because: 'missing' })
    const to = keyring.newId(user)
    expect(await opened.move(moved, { to, sealed: undefined, keep: undefined })).toBe('gone')
    expect(await opened.list(user)).toEqual([])
  })

  it("a user's index was: the sessions that it vouched for are revoked, and only those", async () => {
    const opened = open()
    const user = userOf('somebody')
    const id = await begin(opened, user)
    await replace('*:u:*')

    expect(await opened.load(id)).toEqual({ kind: 'gone', because: 'revoked' })
    const next = await begin(opened, user)
    expect((await opened.load(next)).kind).toBe('live')
    expect((await opened.list(user)).map(({ hash }) => hash)).toEqual([next.hash])
  })

  it("a user's index was: a new session of the user is made, and is whole", async () => {
    const opened = open()
    const user = userOf('somebody')
    await begin(opened, user)
    await replace('*:u:*')

    const next = await begin(opened, user)

    const found = await opened.load(next)
    expect(found.kind === 'live' && [...found.session.fields.keys()]).toEqual(['a'])
    expect(await opened.endAll(user, undefined)).toBe(1)
    expect((await opened.load(next)).kind).toBe('gone')
  })

  it('the epoch of everyone was: all sessions are revoked', async () => {
    const opened = open()
    const id = await begin(opened, userOf('somebody'))
    await replace('e')

    expect(await opened.load(id)).toEqual({ kind: 'gone', because: 'revoked' })
  })
})

it('a session whose times cannot be read is none: nobody knows when it ends', async () => {
  const opened = open()
  const user = userOf('somebody')
  const [read, written] = [await begin(opened, user), await begin(opened, user)]
  for (const key of await redis.keys(`${namespace}:*:s:*`)) await redis.hset(key, 'm', 'whenever')

  expect(await opened.load(read)).toEqual({ kind: 'gone', because: 'missing' })
  expect(await opened.commit(written, CHANGE, 1)).toEqual({ kind: 'gone', because: 'missing' })
})
