import { useRedis } from '../../support/harness.ts'
import { describeDefine } from './define-suite.ts'

const redis = useRedis()

describeDefine('define() in memory', {
  hasMemory: true,
  hasRedis: false,
  connect: () => ({ options: {} }),
})

describeDefine('define() on Redis and in memory', {
  hasMemory: true,
  hasRedis: true,
  connect: () => ({ options: { redis: redis.server.url } }),
})

describeDefine('define() on Redis alone', {
  hasMemory: false,
  hasRedis: true,
  connect: () => ({ options: { redis: redis.server.url, memory: false } }),
})
