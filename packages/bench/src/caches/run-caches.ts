import { startRedis } from '@hotpath/testing'
import { Redis } from 'ioredis'
import type { Contestant } from './contestant.ts'
import { formatScenario } from './report.ts'
import type { Scenario } from './scenario.ts'
import { memoryHit } from './scenarios/memory-hit.ts'
import { memoryMiss } from './scenarios/miss.ts'
import { redisBulk } from './scenarios/redis-bulk.ts'
import { redisHit } from './scenarios/redis-hit.ts'
import { stampede } from './scenarios/stampede.ts'
import { type Effort, timeScenario } from './time-scenario.ts'

/** Prints the tables of hits in memory, misses and stampedes. */
export async function runMemory(effort: Effort): Promise<void> {
  for (const create of [memoryHit, memoryMiss, stampede]) await print(create(), effort)
}

/** Prints the tables of hits in Redis, many at a time and one at a time, on a server of its own. */
export async function runRedis(effort: Effort): Promise<void> {
  await withRedis(async (url, observer) => {
    for (const concurrency of [100, 1]) await print(redisHit(url, observer, concurrency), effort)
  })
}

/** Prints the table of reads of 100 keys in a call, likewise. */
export async function runBulk(effort: Effort): Promise<void> {
  await withRedis((url, observer) => print(redisBulk(url, observer, 100), effort))
}

async function withRedis(run: (url: string, observer: Redis) => Promise<void>): Promise<void> {
  const server = await startRedis()
  const observer = new Redis(server.url)
  try {
    await run(server.url, observer)
  } finally {
    observer.disconnect()
    await server.stop()
  }
}

async function print<C extends Contestant>(scenario: Scenario<C>, effort: Effort): Promise<void> {
  const series = await timeScenario(scenario, effort)
  process.stdout.write(`${formatScenario(scenario, series)}\n`)
}
