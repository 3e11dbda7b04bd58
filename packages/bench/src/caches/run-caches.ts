import { startRedis } from '@hotpath/testing'
import { Redis } from 'ioredis'
import { formatScenario } from './report.ts'
import type { Scenario } from './scenario.ts'
import { memoryHit } from './scenarios/memory-hit.ts'
import { memoryMiss } from './scenarios/miss.ts'
import { redisHit } from './scenarios/redis-hit.ts'
import { stampede } from './scenarios/stampede.ts'
import { type Effort, timeScenario } from './time-scenario.ts'

/** Prints the tables of hits in memory, misses and stampedes. */
export async function runMemory(effort: Effort): Promise<void> {
  for (const create of [memoryHit, memoryMiss, stampede]) await print(create(), effort)
}

/** Prints the tables of hits in Redis, many at a time and one at a time, on a server of its own. */
export async function runRedis(effort: Effort): Promise<void> {
  const server = await startRedis()
  const observer = new Redis(server.url)
  try {
    for (const concurrency of [100, 1]) {
      await print(redisHit(server.url, observer, concurrency), effort)
    }
  } finally {
    observer.disconnect()
    await server.stop()
  }
}

async function print(scenario: Scenario, effort: Effort): Promise<void> {
  const series = await timeScenario(scenario, effort)
  process.stdout.write(`${formatScenario(scenario, series)}\n`)
}
