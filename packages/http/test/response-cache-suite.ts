import { randomUUID } from 'node:crypto'
import { type RedisServer, startRedis } from '@hotpath/testing'
import { afterAll, afterEach, beforeAll, describe } from 'vitest'
import type { Bench, CachedServer, Driver, SuiteOptions } from './harness.ts'
import { hearWarnings } from './hear-warnings.ts'
import { adversarySuite } from './suite/adversary.ts'
import { byTheBookSuite } from './suite/by-the-book.ts'
import { clientOptionsSuite } from './suite/client-options.ts'
import { collapsingSuite } from './suite/collapsing.ts'
import { followingSuite } from './suite/following.ts'
import { keySuite } from './suite/keys.ts'
import { purgeSuite } from './suite/purging.ts'
import { recordingSuite } from './suite/recording.ts'
import { refreshingSuite } from './suite/refreshing.ts'
import { revalidatingSuite } from './suite/revalidating.ts'
import { sameResponseSuite } from './suite/same-response.ts'
import { sharedRedisSuite } from './suite/shared-redis.ts'
import { storingSuite } from './suite/storing.ts'
import { userSuite } from './suite/users.ts'
import { validatorSuite } from './suite/validators.ts'
import { varySuite } from './suite/vary.ts'

/** What every way into the response cache must do, in memory and on Redis. */
export function responseCacheSuite(driver: Driver): void {
  describe(`${driver.name} in memory`, () => {
    const bench = createBench(driver, 'memory', () => ({}))
    runParts(bench)
  })

  describe(`${driver.name} on Redis`, () => {
    let redis: RedisServer
    beforeAll(async () => {
      redis = await startRedis()
    })
    afterAll(() => redis.stop())
    const newStore = (): SuiteOptions => ({ redis: redis.url, namespace: `test-${randomUUID()}` })
    const bench = createBench(driver, 'Redis', newStore)
    runParts(bench)
    sharedRedisSuite(bench, () => redis)
  })
}

function runParts(bench: Bench): void {
  storingSuite(bench)
  userSuite(bench)
  keySuite(bench)
  varySuite(bench)
  validatorSuite(bench)
  recordingSuite(bench)
  sameResponseSuite(bench)
  collapsingSuite(bench)
  followingSuite(bench)
  refreshingSuite(bench)
  revalidatingSuite(bench)
  byTheBookSuite(bench)
  clientOptionsSuite(bench)
  purgeSuite(bench)
  adversarySuite(bench)
}

function createBench(driver: Driver, store: Bench['store'], newStore: () => SuiteOptions): Bench {
  const running: CachedServer[] = []
  // Handlers here make on purpose the mistakes that are warned of; development-warnings.test.ts tests that.
  hearWarnings()
  afterEach(async () => {
    await Promise.all(running.splice(0).map((server) => server.close()))
  })
  return {
    store,
    newStore,
    async serve(handler, options = {}) {
      const hasStore = options.redis !== undefined || options.cache !== undefined
      const server = await driver.start(handler, { ...(hasStore ? {} : newStore()), ...options })
      running.push(server)
      return server
    },
  }
}
