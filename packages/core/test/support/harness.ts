import { randomBytes } from 'node:crypto'
import { type RedisServer, type StartRedisOptions, startRedis } from '@hotpath/testing'
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest'
import { type Cache, type CacheEvents, type CacheOptions, createCache } from '../../src/index.ts'

/** A `storeTimeout` for tests that are not about time, on machines that have much else to do. */
export const PATIENT = 5_000

/** One way to build a cache, for suites that every way must pass. */
export interface CacheDriver {
  readonly hasMemory: boolean
  readonly hasRedis: boolean
  /** What this way adds to the options of a cache, and how to let go of it. */
  connect(): { options: CacheOptions; disconnect?: () => void }
}

/** What a suite makes its caches with. */
export interface CacheHarness {
  readonly driver: CacheDriver
  /** A cache that is ready and is closed after the test. All of one test share a namespace. */
  open(options?: CacheOptions): Promise<Cache>
  /** The same, not yet connected. */
  openUnready(options?: CacheOptions): Cache
}

/** Gives each test of the surrounding `describe` a namespace of its own. */
export function useCaches(driver: CacheDriver): CacheHarness {
  let namespace = ''
  let closers: (() => Promise<void> | void)[] = []
  beforeEach(() => {
    namespace = `test-${randomBytes(6).toString('hex')}`
  })
  afterEach(async () => {
    await Promise.all(closers.map((close) => close()))
    closers = []
  })
  const openUnready = (options: CacheOptions = {}): Cache => {
    const { options: own, disconnect } = driver.connect()
    const patience = driver.hasRedis ? { storeTimeout: PATIENT } : {}
    const cache = createCache({ namespace, ...patience, ...own, ...options })
    closers.push(async () => {
      await cache.close()
      disconnect?.()
    })
    return cache
  }
  return {
    driver,
    openUnready,
    open: async (options) => {
      const cache = openUnready(options)
      if (driver.hasRedis)
        await untilReady(cache, options?.coherence !== 'none' && driver.hasMemory)
      return cache
    },
  }
}

/** Waits for Redis and, where memory follows it, for the connection that it follows by. */
export async function untilReady(cache: Cache, isTracking: boolean): Promise<void> {
  const isUp =
    cache.health().redis === 'up' || untilEvent(cache, 'state', ({ redis }) => redis === 'up')
  const isArmed = !isTracking || untilEvent(cache, 'coherence', (change) => change.isArmed)
  await Promise.all([isUp, isArmed])
}

/** Resolves with the first `event` that `accepts`. */
export function untilEvent<E extends keyof CacheEvents>(
  cache: Cache,
  event: E,
  accepts: (detail: CacheEvents[E]) => boolean = () => true,
): Promise<CacheEvents[E]> {
  return new Promise((resolve) => {
    const stop = cache.on(event, (detail) => {
      if (!accepts(detail)) return
      stop()
      resolve(detail)
    })
  })
}

/** One real Redis for the tests of a file. */
export function useRedis(options?: StartRedisOptions): { readonly server: RedisServer } {
  let server: RedisServer | undefined
  beforeAll(async () => {
    server = await startRedis(options)
  })
  afterAll(async () => {
    await server?.stop()
  })
  return {
    get server() {
      if (server === undefined) throw new Error('Redis is started before the first test')
      return server
    },
  }
}
