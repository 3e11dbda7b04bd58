import { startFaultProxy, waitUntil } from '@hotpath/testing'
import { Cluster } from 'ioredis'
import { Cluster as Cluster5 } from 'ioredis5'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createRedisLink, type RedisInput, type RedisLink } from '../../src/index.ts'
import { defineScript } from '../../src/redis/script.ts'
import { useRedis } from '../support/harness.ts'
import { ask, useCluster } from './sites.ts'

const redis = useRedis({ faults: true })
const other = useCluster()

function open(input: RedisInput): RedisLink {
  const link = createRedisLink(input)
  onTestFinished(() => link.close())
  return link
}

const WRITE = defineScript('write', "return redis.call('SET', KEYS[1], ARGV[1])")

describe('A master that has become a replica', () => {
  it('is left for whoever is at its address now, and used again as soon as it takes writes', async () => {
    const { host, port } = redis.server
    const proxy = await startFaultProxy({ target: { host, port } })
    onTestFinished(() => proxy.close())
    const link = open(`redis://${proxy.host}:${proxy.port}`)
    await link.run(WRITE, ['key'], ['before'])
    const [somebody] = other.cluster.nodes
    await ask(redis.server, 'REPLICAOF', [somebody?.host ?? '', String(somebody?.port)])
    onTestFinished(async () => void (await ask(redis.server, 'REPLICAOF', ['NO', 'ONE'])))

    const refused = link.run(WRITE, ['key'], ['refused'])
    await expect(refused).rejects.toMatchObject({ code: 'ERR_REDIS_UNAVAILABLE' })
    await waitUntil(() => proxy.connectionsTaken > 1, 'it has connected anew')
    for (let call = 0; call < 5; call += 1) {
      await expect(link.command('set', 'key', 'refused')).rejects.toThrow('Redis is away')
    }
    await ask(redis.server, 'REPLICAOF', ['NO', 'ONE'])

    await waitUntil(() => link.command('set', 'key', 'after'), 'it takes writes again')
    expect(await link.command('get', 'key')).toEqual(Buffer.from('after'))
    await waitUntil(() => link.state === 'up', 'the link is up')
  })
})

describe('A plain client on a node of a Cluster', () => {
  it('is told of MOVED, which is an answer and closes nothing', async () => {
    const [first] = await other.cluster.masters()
    const link = open(first?.url ?? '')
    const keys = ['a', 'b', 'c']

    for (let round = 0; round < 3; round += 1) {
      const replies = await Promise.allSettled(keys.map((key) => link.command('get', key)))
      const moved = replies.filter(({ status }) => status === 'rejected')
      expect(String(moved.map((reply) => 'reason' in reply && reply.reason))).toContain('MOVED')
    }

    expect([link.state, link.isUsable]).toEqual(['up', true])
  })
})

describe('A Cluster that reads from replicas', () => {
  it.each([
    ['ioredis 6', Cluster],
    ['ioredis 5', Cluster5],
  ] as const)('is refused, for they lag behind what was invalidated (%s)', (_, AnyCluster) => {
    const client = new AnyCluster([{ host: '127.0.0.1', port: 1 }], {
      scaleReads: 'slave',
      lazyConnect: true,
    })

    // The cast: the types of ioredis 5 are those of another major.
    expect(() => createRedisLink(client as never)).toThrow(
      /redis: found "a Cluster with scaleReads: slave", wanted one with scaleReads: 'master'/,
    )
  })
})
