import type { IncomingMessage } from 'node:http'
import { systemRandom } from '@hotpath/core'
import { createSessionManager, type SessionManager } from '@hotpath/session'
import fc from 'fast-check'
import { Redis } from 'ioredis'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createKeyring } from '../../src/ids/keyring.ts'
import { newNamespace, PATIENT, SECRET, useRedis } from '../harness.ts'

const FORGED = 1_000_000
const redis = useRedis()
const keyring = createKeyring([SECRET], systemRandom)

function open(namespace = newNamespace()): SessionManager {
  const sessions = createSessionManager({
    secret: SECRET,
    redis: redis.server.url,
    ioTimeout: PATIENT,
    namespace,
  })
  onTestFinished(() => sessions.close())
  return sessions
}

function asking(cookie: string): IncomingMessage {
  // The cast: a session asks nothing else of a request.
  return { headers: { cookie } } as IncomingMessage
}

function connect(): Redis {
  const client = new Redis(redis.server.url)
  onTestFinished(() => client.disconnect())
  return client
}

describe('forged cookies', () => {
  it('a million of them do not reach the store', async () => {
    const sessions = open()
    const client = connect()
    await client.config('RESETSTAT')
    const signature = 'A'.repeat(43)
    const secret = 'B'.repeat(35)
    let found = 0

    for (let n = 0; n < FORGED; n += 1) {
      const forged = `sid=0a${secret}${String(n).padStart(8, '0')}.${signature}`
      if ((await sessions.fromUpgrade(asking(forged))) !== undefined) found += 1
    }

    expect(found).toBe(0)
    expect(await client.info('commandstats')).not.toMatch(/cmdstat_(eval|evalsha|hgetall)/)
  }, 240_000)

  it('are as likely as guessing 256 random bits', () => {
    const secrets = Array.from({ length: 10_000 }, () => keyring.newId().secret)

    expect(new Set(secrets)).toHaveProperty('size', 10_000)
    expect(secrets.every((text) => Buffer.from(text, 'base64url').length === 32)).toBe(true)
    const ones = secrets.flatMap((text) => [...Buffer.from(text, 'base64url')])
    expect(new Set(ones)).toHaveProperty('size', 256)
  })

  it('no cookie of whatever kind throws, or is taken for one of ours', () => {
    const value = keyring.format(keyring.newId())
    const mutated = fc
      .tuple(fc.nat(value.length - 1), fc.string({ minLength: 1, maxLength: 1 }))
      .map(([at, letter]) => value.slice(0, at) + letter + value.slice(at + 1))
      .filter((other) => other !== value)

    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: 'binary' }), mutated), (cookie) => {
        expect(keyring.parse(cookie)).toBeUndefined()
      }),
      { numRuns: 5_000 },
    )
  })

  it('no header of whatever kind makes a request fail', async () => {
    const sessions = open()

    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 5_000 }), async (text) => {
        expect(await sessions.fromUpgrade(asking(`sid=${text}; sid=; ${text}`))).toBeUndefined()
      }),
      { numRuns: 500 },
    )
  })
})

describe('bytes in the store that are none of ours', () => {
  it('make no request fail, whatever they are', async () => {
    const namespace = newNamespace()
    const sessions = open(namespace)
    const client = connect()
    const names = ['m', 't', 'v', 'e', 'U', 'f', 'o', 'dv', 'x', 'to', 'until', 'd:n', 'd:', '']
    const bytes = fc.uint8Array({ maxLength: 40 }).map((array) => Buffer.from(array))
    const fields = fc.array(fc.tuple(fc.constantFrom(...names), bytes), {
      minLength: 1,
      maxLength: 4,
    })

    await fc.assert(
      fc.asyncProperty(fields, async (written) => {
        const id = keyring.newId()
        const key = `${namespace}:{${id.shard}}:s:${id.hash}`
        await client.set(`${namespace}:e`, 'epoch')
        await client.hset(key, 'm', '1 1 0', 't', 1, 'e', 'epoch', 'd:n', '1:j1')
        for (const [name, value] of written) await client.hset(key, name, value)

        const session = await sessions.fromUpgrade(asking(`sid=${keyring.format(id)}`))

        await session?.get('n')
        await session?.all()
        session?.set('other', 1)
        await session?.save().catch((error: { code: string }) => {
          expect(error.code).toBe('ERR_SESSION_GONE')
        })
        expect(await session?.userId()).not.toBe('ada')
      }),
      { numRuns: 300 },
    )
  })

  it('a key of another type reads as no session', async () => {
    const namespace = newNamespace()
    const sessions = open(namespace)
    const id = keyring.newId()
    await connect().set(`${namespace}:{${id.shard}}:s:${id.hash}`, 'text')

    expect(await sessions.fromUpgrade(asking(`sid=${keyring.format(id)}`))).toBeUndefined()
  })

  it('trap 33: neither id nor cookie can be found in the store or in an event', async () => {
    const namespace = newNamespace()
    const sessions = open(namespace)
    const told: unknown[] = []
    for (const event of ['login', 'logout'] as const)
      sessions.on(event, (detail) => told.push(detail))
    const client = connect()
    const cookies: string[] = []
    const res = {
      headersSent: false,
      hasHeader: () => false,
      getHeader: () => undefined,
      setHeader() {},
      writeHead() {},
      write() {},
      end() {},
      flushHeaders() {},
    }
    const session = sessions.attach(asking(''), res as never)
    await session.login('ada')
    const handle = session.id ?? ''
    cookies.push(handle)

    const keys = await client.keys(`${namespace}:*`)
    const dump = await Promise.all(
      keys.map(async (key) =>
        (await client.type(key)) === 'hash' ? await client.hgetall(key) : key,
      ),
    )

    // What is stored is the hash that the handle has, from which no cookie can be made.
    expect(JSON.stringify([keys, dump])).toContain(handle.slice(2))
    expect(keyring.parse(handle)).toBeUndefined()
    expect(await sessions.fromUpgrade(asking(`sid=${handle}`))).toBeUndefined()
    expect(told).toEqual([{ handle }])
  })
})
