import { execFile } from 'node:child_process'
import type { IncomingMessage } from 'node:http'
import { createServer } from 'node:http'
import { promisify } from 'node:util'
import { createRedisLink } from '@hotpath/core'
import {
  createSessionManager,
  type Session,
  type SessionManager,
  type SessionOptions,
} from '@hotpath/session'
import { Redis } from 'ioredis'
import { describe, expect, expectTypeOf, it, onTestFinished } from 'vitest'
import { z } from 'zod'
import { newNamespace, PATIENT, SECRET, useRedis } from './harness.ts'
import { Browser, closeServer, listen } from './session-suite.ts'

const redis = useRedis()
const OLD_KEY = 'the key before, of thirty-two characters'
const NEW_KEY = 'the key of now, of thirty-two characters'

/** Processes of one app, each with options of its own, and one browser's session. */
async function begin(
  data: Record<string, unknown>,
  first: Partial<SessionOptions> = {},
): Promise<{
  namespace: string
  /** The session as a process with these options has it. */
  reopen(options?: Partial<SessionOptions>): Promise<Opened>
}> {
  const namespace = newNamespace()
  const start = (options: Partial<SessionOptions>): SessionManager => {
    const link = createRedisLink(redis.server.url, { storeTimeout: PATIENT })
    const sessions = createSessionManager({ secret: SECRET, redis: link, namespace, ...options })
    onTestFinished(async () => {
      await sessions.close()
      await link.close()
    })
    return sessions
  }
  const sessions = start(first)
  const server = createServer((req, res) => {
    const session = sessions.attach(req, res)
    for (const [key, value] of Object.entries(data)) session.set(key, value)
    res.end()
  })
  onTestFinished(() => closeServer(server))
  const browser = new Browser(await listen(server))
  await browser.get('/')
  const request = { headers: { cookie: browser.cookie } } as IncomingMessage
  return {
    namespace,
    async reopen(options = {}) {
      const manager = start(options)
      const unreadable: string[] = []
      manager.on('unreadable', ({ key }) => unreadable.push(key))
      const session = await manager.fromUpgrade(request)
      if (session === undefined) throw new Error('The session is gone')
      return { session, unreadable }
    },
  }
}

type Opened = {
  session: NonNullable<Awaited<ReturnType<SessionManager['fromUpgrade']>>>
  unreadable: string[]
}

async function stored(namespace: string): Promise<Record<string, string>> {
  const client = new Redis(redis.server.url)
  onTestFinished(() => client.disconnect())
  const [key = ''] = await client.keys(`${namespace}:*:s:*`)
  return await client.hgetall(key)
}

describe('data of a session', () => {
  it('migrate() brings to the present version what an older one has written, once', async () => {
    const { reopen } = await begin({ cart: 'tea,milk' }, { version: 1 })
    const seen: number[] = []
    const migrate = ({ cart, ...rest }: Record<string, unknown>, from: number) => {
      seen.push(from)
      return { ...rest, items: String(cart).split(',') }
    }

    const { session } = await reopen({ version: 2, migrate })
    const migrated = await session.all()
    await session.save()
    const { session: again } = await reopen({ version: 2, migrate })

    expect(migrated).toEqual({ items: ['tea', 'milk'] })
    expect(await again.all()).toEqual({ items: ['tea', 'milk'] })
    expect(seen).toEqual([1])
  })

  it('touch() does not migrate again what has been migrated', async () => {
    const { reopen } = await begin({ price: 1 })
    const migrate = ({ price }: Record<string, unknown>) => ({ price: Number(price) * 100 })

    const { session } = await reopen({ version: 2, migrate })
    await session.touch()
    await session.touch()
    await session.save()

    expect(await session.all()).toEqual({ price: 100 })
    expect(await (await reopen({ version: 2, migrate })).session.all()).toEqual({ price: 100 })
  })

  it('is of the type that the schema makes', () => {
    const schema = z.object({ visits: z.number(), theme: z.string().optional() })
    const sessions = createSessionManager({ secret: SECRET, schema })
    onTestFinished(() => sessions.close())

    type Typed = Parameters<typeof sessions.settle>[0]

    expectTypeOf<Typed>().toEqualTypeOf<Session<{ visits: number; theme?: string | undefined }>>()
    expectTypeOf(createSessionManager({ secret: SECRET })).toEqualTypeOf<SessionManager>()
    expectTypeOf(createSessionManager<{ n: number }>({ secret: SECRET })).toEqualTypeOf<
      SessionManager<{ n: number }>
    >()
    expect(sessions.attach).toBeTypeOf('function')
  })

  it('a schema says what is read, and refuses what is written', async () => {
    const { reopen } = await begin({ visits: '7' })
    const schema = z.object({ visits: z.coerce.number().max(9) })

    const { session } = await reopen({ schema })

    expect(await session.get('visits')).toBe(7)
    session.set('visits', 10)
    await expect(session.save()).rejects.toMatchObject({ code: 'ERR_SESSION_VALUE' })
    expect(await (await reopen()).session.get('visits')).toBe('7')
  })

  it('what does not fit the schema reads as not there, is told, and stays until something is written', async () => {
    const { reopen } = await begin({ visits: 'many', theme: 'dark' })
    const schema = z.object({ visits: z.number().optional(), theme: z.string().optional() })

    const { session, unreadable } = await reopen({ schema })
    const read = await session.all()
    await session.save()
    const kept = await (await reopen()).session.all()
    session.set('visits', 1)
    await session.save()

    expect([read, unreadable]).toEqual([{}, ['*']])
    expect(kept).toEqual({ visits: 'many', theme: 'dark' })
    expect(await (await reopen({ schema })).session.all()).toEqual({ visits: 1 })
  })

  it('is encrypted at rest, with keys that rotate and without those that are gone', async () => {
    const { namespace, reopen } = await begin(
      { note: 'a secret of hers' },
      { encryption: { keys: [OLD_KEY] } },
    )
    const atRest = JSON.stringify(await stored(namespace))

    const { session: rotated } = await reopen({ encryption: { keys: [NEW_KEY, OLD_KEY] } })
    const { session: foreign, unreadable } = await reopen({ encryption: { keys: [NEW_KEY] } })

    expect(atRest).not.toContain('secret of hers')
    expect(await rotated.get('note')).toBe('a secret of hers')
    expect([await foreign.get('note'), unreadable]).toEqual([undefined, ['note']])
    rotated.set('note', 'another')
    await rotated.save()
    const { session: renewed } = await reopen({ encryption: { keys: [NEW_KEY] } })
    expect(await renewed.get('note')).toBe('another')
  })
})

describe('data that is encrypted', () => {
  it('is worth nothing under another key: who can write to the store cannot move it', async () => {
    const encryption = { keys: [NEW_KEY] }
    const { namespace, reopen } = await begin({ role: 'guest', note: 'admin' }, { encryption })
    const client = new Redis(redis.server.url)
    onTestFinished(() => client.disconnect())
    const [key = ''] = await client.keys(`${namespace}:*:s:*`)
    await client.hset(key, 'd:role', (await client.hget(key, 'd:note')) ?? '')

    const { session, unreadable } = await reopen({ encryption })

    expect([await session.get('role'), unreadable]).toEqual([undefined, ['role']])
    expect(await session.get('note')).toBe('admin')
  })
})

describe('sessions in memory', () => {
  it('say so once in a process', async () => {
    const flags = ['--import=tsx', '--conditions=@hotpath/source', '--input-type=module']
    const options = JSON.stringify({ secret: SECRET })
    const code = `import { createSessionManager } from '@hotpath/session'
      for (let n = 0; n < 3; n += 1) await createSessionManager(${options}).close()`

    const { stderr } = await promisify(execFile)(process.execPath, [...flags, '--eval', code], {
      cwd: import.meta.dirname,
    })

    expect(
      stderr.match(/\[HOTPATH_SESSION_MEMORY\] .*: sessions are kept in this process/g),
    ).toHaveLength(1)
  })

  it('are bounded: the least recently used goes first', async () => {
    const sessions = createSessionManager({ secret: SECRET, memory: { maxSessions: 3 } })
    const server = createServer(async (req, res) => {
      const session = sessions.attach(req, res)
      if (req.url === '/begin') session.set('n', 1)
      res.end(JSON.stringify((await session.get('n')) ?? null))
    })
    onTestFinished(async () => {
      await closeServer(server)
      await sessions.close()
    })
    const port = await listen(server)
    const browsers = Array.from({ length: 4 }, () => new Browser(port))

    for (const browser of browsers) await browser.get('/begin')

    const found = await Promise.all(browsers.map(async (browser) => (await browser.get('/')).body))
    expect(found).toEqual([null, 1, 1, 1])
  })
})
