import { describe, it } from 'vitest'
import { type RedisSource, startRedis } from '../../src/index.ts'
import { SourceUnavailable } from '../../src/sources/source.ts'
import { describeOwnRedis } from './own-redis-suite.ts'

for (const source of ['docker', 'binary', 'package'] as const) {
  const obstacle = await findObstacle(source)
  if (obstacle === undefined) describeOwnRedis(source)
  else describe.skip(`a Redis from source "${source}" (${obstacle})`, () => it('is left out'))
}

/** Why this machine cannot have a Redis from `source`; whatever else goes wrong is thrown. */
async function findObstacle(source: RedisSource): Promise<string | undefined> {
  try {
    await (await startRedis({ source })).stop()
    return undefined
  } catch (error) {
    const [reason] = error instanceof AggregateError ? error.errors : [error]
    if (reason instanceof SourceUnavailable) return reason.message
    throw error
  }
}
