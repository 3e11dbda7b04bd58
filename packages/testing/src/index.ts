export { type Deferred, deferred } from './async/deferred.ts'
export { type Gate, gate } from './async/gate.ts'
export {
  collectUnhandledRejections,
  type RejectionCollector,
} from './async/unhandled-rejections.ts'
export { waitUntil } from './async/wait-until.ts'
export { FakeClock } from './ports/fake-clock.ts'
export { SeededRandom } from './ports/seeded-random.ts'
export type {
  PostgresServer,
  PostgresSource,
  StartPostgresOptions,
} from './postgres/postgres-server.ts'
export { startPostgres } from './postgres/start-postgres.ts'
export {
  type Direction,
  type FaultProxy,
  type FaultProxyOptions,
  startFaultProxy,
} from './proxy/fault-proxy.ts'
export type { Target } from './proxy/proxied-connection.ts'
export type { RedisServer, RedisSource, StartRedisOptions } from './redis/redis-server.ts'
export { startRedis } from './redis/start-redis.ts'
export type { RedisCluster, SlotMove, StartClusterOptions } from './redis/topology/cluster.ts'
export type { RedisSentinel, StartSentinelOptions } from './redis/topology/sentinel.ts'
export { startCluster } from './redis/topology/start-cluster.ts'
export { startSentinel } from './redis/topology/start-sentinel.ts'
