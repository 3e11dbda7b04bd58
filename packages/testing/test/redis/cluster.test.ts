import { Cluster, Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { type RedisCluster, type RedisServer, startCluster } from '../../src/index.ts'

let cluster: RedisCluster

beforeAll(async () => {
  cluster = await startCluster({ replicas: 1 })
})

afterAll(async () => {
  await cluster.stop()
})

function connect(): Cluster {
  const client = new Cluster(cluster.nodes)
  client.on('error', () => {})
  onTestFinished(() => client.disconnect())
  return client
}

function connectTo({ host, port }: RedisServer): Redis {
  const client = new Redis({ host, port })
  client.on('error', () => {})
  onTestFinished(() => client.disconnect())
  return client
}

/** The owner of the key's slot and a master that is another one. */
async function ownerAndOther(key: string): Promise<[owner: RedisServer, other: RedisServer]> {
  const owner = await cluster.ownerOf(await cluster.slotOf(key))
  const other = (await cluster.masters()).find((master) => master !== owner)
  return [owner, other as RedisServer]
}

it('shares the slots among three masters, each with its replica', async () => {
  const client = connect()
  const keys = ['a', 'b', 'c', 'd']

  await Promise.all(keys.map((key) => client.set(key, `value of ${key}`)))

  expect(await Promise.all(keys.map((key) => client.get(key)))).toEqual(
    keys.map((key) => `value of ${key}`),
  )
  expect(await cluster.masters()).toHaveLength(3)
  expect(cluster.servers).toHaveLength(6)
})

describe('A slot', () => {
  it('on its way leads by ASK to the keys that have moved, by no word to the others', async () => {
    const [owner, other] = await ownerAndOther('{half}')
    await connect().mset('{half}moved', '1', '{half}left', '2')

    const move = await cluster.beginMove(await cluster.slotOf('{half}'), other)
    await move.moveKeys('{half}moved')

    const atOwner = connectTo(owner)
    await expect(atOwner.get('{half}moved')).rejects.toThrow(`ASK ${move.slot}`)
    await expect(atOwner.mget('{half}moved', '{half}left')).rejects.toThrow('TRYAGAIN')
    expect(await atOwner.get('{half}left')).toBe('2')
    expect(await connect().get('{half}moved')).toBe('1')
    await move.finish()
    await expect(atOwner.get('{half}left')).rejects.toThrow(`MOVED ${move.slot}`)
    expect(await connect().mget('{half}moved', '{half}left')).toEqual(['1', '2'])
  })

  it('moves with all its keys, more than one command carries', async () => {
    const [owner, other] = await ownerAndOther('{whole}')
    const client = connect()
    const keys = Array.from({ length: 250 }, (_, index) => `{whole}${index}`)
    await client.mset(Object.fromEntries(keys.map((key) => [key, key])))

    await cluster.moveKey('{whole}', other)

    expect(await cluster.ownerOf(await cluster.slotOf('{whole}'))).toBe(other)
    expect(await client.mget(...keys)).toEqual(keys)
    await cluster.moveKey('{whole}', owner)
  })
})

it('failover() kills a master, and its replica takes over with what it has', async () => {
  const [owner] = await ownerAndOther('key')
  const client = connect()
  await client.set('key', 'kept')
  await connectTo(owner).wait(1, 1_000)

  await owner.kill()
  const after = await cluster.failover(owner)

  expect(after).not.toBe(owner)
  expect(await cluster.masters()).toContain(after)
  expect(await cluster.masters()).not.toContain(owner)
  expect(await connect().get('key')).toBe('kept')
})

it('switchOver() has a replica take over from a master that stays up', async () => {
  const [owner] = await ownerAndOther('key')

  const after = await cluster.switchOver(owner)

  expect(await cluster.ownerOf(await cluster.slotOf('key'))).toBe(after)
  expect((await connectTo(owner).role())[0]).toBe('slave')
})

it('addMaster() adds one that owns nothing until a slot comes to it, and has no replica to fail over to', async () => {
  const other = await startCluster()
  onTestFinished(() => other.stop())

  const fourth = await other.addMaster()
  const before = await other.masters()
  await other.moveSlot(0, fourth)

  expect(before).not.toContain(fourth)
  expect(await other.masters()).toHaveLength(4)
  expect(await other.ownerOf(0)).toBe(fourth)
  await expect(other.failover(fourth)).rejects.toThrow(
    /no replica: startCluster\(\{ replicas: 1 \}\)/,
  )
})
