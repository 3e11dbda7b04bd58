import { deferred, FakeClock, startFaultProxy, waitUntil } from '@hotpath/testing'
import { Cluster, Redis } from 'ioredis'
import { describe, expect, it, onTestFinished } from 'vitest'
import {
  createRedisLink,
  type LinkState,
  type RedisInput,
  type RedisLink,
} from '../../src/index.ts'
import { defineScript } from '../../src/redis/script.ts'
import { useRedis } from '../support/harness.ts'

const redis = useRedis({ faults: true })

type Options = Parameters<typeof createRedisLink>[1]

function open(input: RedisInput = redis.server.url, options?: Options): RedisLink {
  const link = createRedisLink(input, options)
  onTestFinished(() => link.close())
  return link
}

function clientOf(url: string, options: object = {}): Redis {
  const client = new Redis(url, options)
  client.on('error', () => {})
  onTestFinished(() => client.disconnect())
  return client
}

async function openProxy() {
  const { host, port } = redis.server
  const proxy = await startFaultProxy({ target: { host, port } })
  onTestFinished(() => proxy.close())
  return { proxy, url: `redis://${proxy.host}:${proxy.port}` }
}

/** The states that a link goes through from now on. */
function statesOf(link: RedisLink): LinkState[] {
  const states: LinkState[] = []
  link.on('state', ({ state }) => states.push(state))
  return states
}

async function until(link: RedisLink, state: LinkState): Promise<void> {
  if (link.state === state) return
  const reached = deferred<void>()
  const stop = link.on('state', (change) => {
    if (change.state === state) reached.resolve()
  })
  await reached.promise
  stop()
}

const NOBODY = { host: '127.0.0.1', port: 1 }
const NOBODY_LISTENS = 'redis://127.0.0.1:1'

describe('A link to Redis', () => {
  it('answers the first command, which waits for the connection', async () => {
    const link = open()

    expect(await link.command('echo', 'hello')).toEqual(Buffer.from('hello'))
    expect([link.state, link.isUsable]).toEqual(['up', true])
  })

  it('runs scripts, also after Redis has forgotten them', async () => {
    const link = open()
    const script = defineScript('add', 'return ARGV[1] + ARGV[2]')

    const before = await link.run(script, [], [1, 2])
    await link.command('script', 'flush')
    const after = await link.run(script, [], [2, 2])

    expect([before, after]).toEqual([3, 4])
  })

  it('sends in few packets what is asked in one turn of the event loop', async () => {
    const link = open()
    const readsSoFar = async (): Promise<number> =>
      Number(/total_reads_processed:(\d+)/.exec(String(await link.command('info', 'stats')))?.[1])
    const before = await readsSoFar()

    const answers = await Promise.all(
      Array.from({ length: 320 }, (_, index) => link.command('echo', index)),
    )

    expect(answers.map(Number)).toEqual(answers.map((_, index) => index))
    expect((await readsSoFar()) - before).toBeLessThan(40)
  })

  it('does not run a script that it has given up, when Redis does not know it and says so late', async () => {
    const { proxy, url } = await openProxy()
    const clock = new FakeClock()
    const link = open(url, { clock })
    await link.command('ping')
    const script = defineScript('late', "return redis.call('SET', KEYS[1], ARGV[1])")
    await proxy.stall()
    const given = expect(link.run(script, ['given-up'], ['late'])).rejects.toThrow('in time')
    clock.advance(250)
    await given

    await proxy.heal()

    expect(await link.command('get', 'given-up')).toBeNull()
    expect(await link.command('exists', 'given-up')).toBe(0)
  })

  it('hands on what Redis answers with an error, and stays up', async () => {
    const link = open()
    const states = statesOf(link)
    await link.command('set', 'text', 'no number')

    for (let call = 0; call < 5; call += 1) {
      await expect(link.command('incr', 'text')).rejects.toThrow('not an integer')
    }

    expect(states).toEqual(['up'])
    expect(link.isUsable).toBe(true)
  })

  it('refuses a command that there is not', async () => {
    await expect(open().command('frobnicate')).rejects.toThrow('frobnicate')
  })

  it('starts down where nobody listens, tells it once, and fails at once from then on', async () => {
    const link = open(NOBODY_LISTENS)
    const states = statesOf(link)

    const first = link.command('ping')

    await expect(first).rejects.toMatchObject({ code: 'ERR_REDIS_UNAVAILABLE' })
    await expect(link.command('ping')).rejects.toMatchObject({ code: 'ERR_REDIS_UNAVAILABLE' })
    expect(states).toEqual(['down'])
    expect(link.isUsable).toBe(false)
  })

  it('tells each change once when Redis is killed and comes back, and is used again', async () => {
    const link = open()
    const states = statesOf(link)
    await until(link, 'up')

    for (let round = 0; round < 2; round += 1) {
      const isDown = until(link, 'down')
      await redis.server.kill()
      await isDown
      await redis.server.restart()
      await until(link, 'up')
      await link.command('ping')
    }

    expect(states).toEqual(['up', 'down', 'up', 'down', 'up'])
  })

  it('tells once that it is down when a server takes connections and never answers', async () => {
    const { proxy, url } = await openProxy()
    await proxy.stall()
    const clock = new FakeClock()
    const link = open(url, { clock })
    const states = statesOf(link)
    const calls = [1, 2, 3].map(() => link.command('ping'))
    const rejected = calls.map((call) => expect(call).rejects.toThrow('in time'))
    await waitUntil(() => proxy.connections === 1, 'the connection has been taken')
    clock.advance(250)
    await Promise.all(rejected)

    await proxy.drop()
    await waitUntil(() => proxy.connections === 0, 'the connection has ended')
    await proxy.heal()
    await waitUntil(async () => {
      await clock.advanceAsync(1_000)
      return link.state === 'up'
    }, 'it is used again')

    expect(states).toEqual(['down', 'up'])
  })
})

describe('The deadline of a command', () => {
  it('rejects what hangs, and after three in a row nothing is sent any more', async () => {
    const { proxy, url } = await openProxy()
    const clock = new FakeClock()
    const link = open(url, { clock, storeTimeout: 100 })
    const states = statesOf(link)
    await link.command('ping')
    await proxy.stall()

    const calls = [1, 2, 3].map(() => link.command('ping'))
    const rejected = calls.map((call) =>
      expect(call).rejects.toMatchObject({ code: 'ERR_REDIS_TIMEOUT' }),
    )
    clock.advance(100)
    await Promise.all(rejected)

    await expect(link.command('ping')).rejects.toMatchObject({ code: 'ERR_REDIS_UNAVAILABLE' })
    expect(states).toEqual(['up', 'down'])
  })

  it('counts the wait for the first connection', async () => {
    const { proxy, url } = await openProxy()
    await proxy.stall()
    const clock = new FakeClock()
    const link = open(url, { clock, storeTimeout: 100 })

    const call = link.command('ping')
    const rejected = expect(call).rejects.toMatchObject({ code: 'ERR_REDIS_TIMEOUT' })
    clock.advance(100)

    await rejected
  })

  it('is not helped by answers that come too late: a server that is always slow is given up', async () => {
    const { proxy, url } = await openProxy()
    const clock = new FakeClock()
    const client = clientOf(url)
    const link = open(client, { clock, storeTimeout: 100 })
    await link.command('ping')

    for (let round = 0; round < 3; round += 1) {
      await proxy.stall()
      const call = link.command('ping')
      const rejected = expect(call).rejects.toMatchObject({ code: 'ERR_REDIS_TIMEOUT' })
      clock.advance(100)
      await rejected
      await proxy.heal()
      // By now the late answer is there.
      await client.ping()
    }

    expect([link.state, link.isUsable]).toEqual(['down', false])
  })

  it('has a probe find the way back, one at a time', async () => {
    const { proxy, url } = await openProxy()
    const clock = new FakeClock()
    const link = open(url, { clock, storeTimeout: 100 })
    await link.command('ping')
    await proxy.stall()
    const calls = [1, 2, 3].map(() => link.command('ping').catch(() => {}))
    clock.advance(100)
    await Promise.all(calls)

    await proxy.heal()
    await waitUntil(async () => {
      await clock.advanceAsync(100)
      return link.state === 'up'
    }, 'a probe was answered')

    expect(await link.command('echo', 'back')).toEqual(Buffer.from('back'))
  })

  it('opens a new connection when the old one was cut without a word', async () => {
    const { proxy, url } = await openProxy()
    const link = open(url, { storeTimeout: 20 })
    await link.command('ping')
    await proxy.stall()
    await Promise.all([1, 2, 3].map(() => link.command('ping').catch(() => {})))
    await waitUntil(() => proxy.connectionsTaken > 1, 'it has tried another connection')

    await proxy.heal()
    await until(link, 'up')

    expect(await link.command('echo', 'back')).toEqual(Buffer.from('back'))
  })
})

describe('A command that was on its way when the connection broke', () => {
  it('is rejected and never sent again', async () => {
    const { proxy, url } = await openProxy()
    const link = open(url)
    await link.command('del', 'counter')
    await proxy.stall()

    const call = link.command('incr', 'counter')
    const rejected = expect(call).rejects.toMatchObject({ code: 'ERR_REDIS_UNAVAILABLE' })
    await proxy.drop()
    await rejected
    await proxy.heal()
    await until(link, 'up')

    expect(await link.command('get', 'counter')).toBeNull()
  })
})

describe('A user’s own client', () => {
  it('is used as it is and stays open, and none of our listeners stay on it', async () => {
    const client = clientOf(redis.server.url)
    const listeners = () => client.eventNames().map((name) => [name, client.listenerCount(name)])
    await client.ping()
    const before = listeners()
    const link = createRedisLink(client)
    await link.command('ping')

    await link.close()

    expect(listeners()).toEqual(before)
    expect(await client.ping()).toBe('PONG')
  })

  it('is connected when it waits for that', async () => {
    const link = open(clientOf(redis.server.url, { lazyConnect: true }))

    expect(await link.command('echo', 'hello')).toEqual(Buffer.from('hello'))
  })

  it('that is closed already is a link that is down', async () => {
    const client = clientOf(redis.server.url)
    await client.ping()
    client.disconnect()
    await waitUntil(() => client.status === 'end', 'the client is closed')

    const link = open(client)

    await expect(link.command('ping')).rejects.toMatchObject({ code: 'ERR_REDIS_UNAVAILABLE' })
    expect(link.state).toBe('down')
  })

  it('is refused where it gives numbers as text, for they mean something else then', () => {
    const options = { stringNumbers: true, lazyConnect: true }
    const cluster = new Cluster([NOBODY], { redisOptions: options, lazyConnect: true })

    for (const client of [clientOf(redis.server.url, options), cluster]) {
      expect(() => createRedisLink(client)).toThrow(
        /redis: found "a client with stringNumbers: true", wanted one without stringNumbers/,
      )
    }
  })
})

describe('A client made from options', () => {
  it('gives numbers as numbers, whatever they say', async () => {
    const { host, port } = redis.server
    const link = open({ host, port, stringNumbers: true })
    const script = defineScript('numbers', 'return {1, 2}')

    expect(await link.run(script, [], [])).toEqual([1, 2])
  })
})

describe('close()', () => {
  it('ends our own connection, and calls fail at once', async () => {
    const admin = clientOf(redis.server.url)
    const link = open({ ...addressOf(), connectionName: 'to-be-closed' })
    await link.command('ping')
    const isThere = async () => String(await admin.client('LIST')).includes('to-be-closed')
    const before = await isThere()

    await link.close()
    await link.close()
    const call = link.command('ping')

    await expect(call).rejects.toMatchObject({ code: 'ERR_REDIS_UNAVAILABLE' })
    expect(before).toBe(true)
    await waitUntil(async () => !(await isThere()), 'the connection has ended')
  })

  it('lets a command that waits for the first connection go', async () => {
    const { proxy, url } = await openProxy()
    await proxy.stall()
    const link = open(url, { clock: new FakeClock() })
    const call = link.command('ping')

    await link.close()

    await expect(call).rejects.toMatchObject({ code: 'ERR_REDIS_UNAVAILABLE' })
  })
})

function addressOf(): { host: string; port: number } {
  const { host, port } = redis.server
  return { host, port }
}

describe('createRedisLink()', () => {
  it.each<[unknown, string]>([
    ['http://localhost:6379', 'redis: found "http://localhost:6379", wanted a URL such as'],
    ['localhost:6379', 'redis: found "localhost:6379", wanted a URL such as'],
    ['', 'redis: found "", wanted a URL such as'],
    ['redis://[bad', 'redis: found "redis://[bad", wanted a URL'],
    [null, 'redis: found null, wanted a URL'],
    [6379, 'redis: found 6379, wanted a URL'],
    [[], 'redis: found an array of 0, wanted a URL'],
    [true, 'redis: found true, wanted a URL'],
  ])('refuses %j', (input, message) => {
    expect(() => createRedisLink(input as RedisInput)).toThrow(message)
  })

  it.each([
    'http://user:secret@host',
    'http://user:sec/secret@host',
    'user:secret@host:6379',
    'redis//:secret@host',
  ])('never shows the password of %s', (url) => {
    expect(() => createRedisLink(url)).toThrow(
      expect.objectContaining({
        code: 'ERR_OPTION_INVALID',
        message: expect.not.stringContaining('secret'),
      }),
    )
  })

  it.each<[object, string]>([
    [{ storeTimeout: 0 }, 'storeTimeout: found 0, wanted more than 0'],
    [{ storeTimeout: 'soon' }, 'createRedisLink: storeTimeout: found "soon", wanted a duration'],
    [{ timeout: 5 }, 'createRedisLink: timeout: unknown option'],
    [{ clock: 5 }, 'createRedisLink: clock: found 5, wanted a Clock'],
  ])('refuses the options %o', (options, message) => {
    expect(() => createRedisLink(NOBODY_LISTENS, options as Options)).toThrow(message)
  })
})
