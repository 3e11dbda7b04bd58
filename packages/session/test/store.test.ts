import { type RedisCluster, startCluster } from '@hotpath/testing'
import { Cluster } from 'ioredis'
import { afterAll, beforeAll } from 'vitest'
import { memoryDriver, redisDriver, useRedis } from './harness.ts'
import { storeSuite } from './store-suite.ts'

storeSuite(memoryDriver())

const redis = useRedis()
storeSuite(redisDriver('Redis', () => redis.server.url))

let cluster: RedisCluster | undefined
let client: Cluster | undefined
beforeAll(async () => {
  cluster = await startCluster()
  client = new Cluster([...cluster.nodes])
})
afterAll(async () => {
  client?.disconnect()
  await cluster?.stop()
})
storeSuite(
  redisDriver('a Cluster', () => {
    if (client === undefined) throw new Error('The Cluster is started before the first test')
    return client
  }),
)
