import { startRedis } from '../../src/index.ts'
import { trySource } from '../support/try-source.ts'
import { describeOwnRedis } from './own-redis-suite.ts'

for (const source of ['docker', 'binary', 'package'] as const) {
  await trySource(
    `a Redis from source "${source}"`,
    () => startRedis({ source, config: { maxmemory: '12mb' } }),
    describeOwnRedis,
  )
}
