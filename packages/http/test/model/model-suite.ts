import type { IncomingMessage, ServerResponse } from 'node:http'
import { FakeClock } from '@hotpath/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type CachedServer, type Driver, type Reply, send } from '../harness.ts'
import {
  type Asked,
  type Flag,
  type Given,
  isPlainlyFresh,
  type Origin,
  type Said,
  whyNot,
} from './reference-model.ts'

const FLAGS: readonly Flag[] = [
  'no-store',
  'no-cache',
  'private',
  'public',
  'must-revalidate',
  'proxy-revalidate',
]

const seconds = fc.constantFrom(0, 5, 30, 300)

const said: fc.Arbitrary<Said> = fc.record(
  {
    status: fc.constantFrom(200, 200, 200, 404, 500, 503),
    maxAge: seconds,
    sMaxAge: seconds,
    flags: fc.subarray([...FLAGS], { maxLength: 2 }).map((flags) => new Set(flags)),
    staleIfError: seconds,
    staleWhileRevalidate: fc.constant(0),
    age: fc.constantFrom(0, 10, 100),
    etag: fc.constantFrom('"1"', '"2"'),
    vary: fc.constantFrom('x-a' as const, '*' as const),
  },
  { requiredKeys: ['status', 'flags'] },
)

/** Of so many, one is `rare`. */
function mostly<T>(often: T, one: number, ...rare: T[]): fc.Arbitrary<T> {
  return fc.oneof(
    { weight: one - 1, arbitrary: fc.constant(often) },
    { weight: 1, arbitrary: fc.constantFrom(...rare) },
  )
}

/** Most heads say little, and most say it again: else hardly anything would be served or confirmed. */
const usual: fc.Arbitrary<Said> = fc
  .record({
    maxAge: fc.constantFrom(5, 30, 30, 300),
    staleIfError: fc.constantFrom(undefined, 30, 300),
    etag: mostly<Said['etag']>('"1"', 6, '"2"', undefined),
    vary: mostly<Said['vary']>(undefined, 12, 'x-a'),
  })
  .map(({ maxAge, staleIfError, etag, vary }) => ({
    status: 200,
    flags: new Set<Flag>(),
    maxAge,
    ...(staleIfError === undefined ? {} : { staleIfError }),
    ...(etag === undefined ? {} : { etag }),
    ...(vary === undefined ? {} : { vary }),
  }))

const failing: fc.Arbitrary<Said> = fc.constant({ status: 503, flags: new Set() })

type Step =
  | { kind: 'ask'; path: string; asked: Asked; origin: Said }
  | { kind: 'wait'; ms: number }
  | { kind: 'purge'; path: string }

const path = fc.constantFrom('/a', '/b')

const ask: fc.Arbitrary<Step> = fc.record({
  kind: fc.constant('ask' as const),
  path,
  asked: fc.record({
    method: mostly<Asked['method']>('GET', 6, 'HEAD', 'POST'),
    xA: fc.constantFrom(undefined, undefined, '1', '2'),
    isAuthorized: mostly(false, 8, true),
  }),
  origin: fc.oneof(
    { weight: 6, arbitrary: usual },
    { weight: 2, arbitrary: said },
    { weight: 2, arbitrary: failing },
  ),
})

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 12, arbitrary: ask },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('wait' as const),
      ms: fc.constantFrom(1_000, 6_000, 6_000, 40_000, 40_000, 301_000),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('purge' as const), path }) },
)

function controlOf({ maxAge, sMaxAge, flags, staleIfError, staleWhileRevalidate }: Said): string {
  const timed = {
    'max-age': maxAge,
    's-maxage': sMaxAge,
    'stale-if-error': staleIfError,
    'stale-while-revalidate': staleWhileRevalidate,
  }
  const times = Object.entries(timed).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${value}`],
  )
  return [...times, ...flags].join(', ')
}

/** After so long at the latest a handler that has failed is asked again. */
const LONGEST_BACKOFF_MS = 60_000

/** A cache before an origin that does as it is told, and what both have done. */
class World {
  readonly #clock = new FakeClock()
  readonly #given: Given[] = []
  /** What the origin says when it is asked next. */
  #next: { asked: Asked; said: Said; path: string } | undefined
  #origin: Origin = 'not asked'
  #confirmedBy: Said | undefined
  #runs = 0
  /** When the origin has last failed, by path. */
  readonly #failedAtMs = new Map<string, number>()
  #server: CachedServer | undefined
  readonly counts = { asked: 0, fromCache: 0, confirmed: 0, stale: 0, plainlyFresh: 0 }

  async start(driver: Driver): Promise<void> {
    const options = { clock: this.#clock }
    this.#server = await driver.start((req, res) => this.#answer(req, res), options)
  }

  async stop(): Promise<void> {
    await this.#server?.close()
  }

  get #started(): CachedServer {
    if (this.#server === undefined) throw new Error('It has not been started')
    return this.#server
  }

  async take(step: Step): Promise<void> {
    if (step.kind === 'wait') this.#clock.advance(step.ms)
    else if (step.kind === 'purge') {
      await this.#started.responses.purge({ url: step.path })
      this.#invalidate(step.path)
    } else await this.#ask(step)
  }

  async #ask({ path: url, asked, origin }: Step & { kind: 'ask' }): Promise<void> {
    this.#next = { asked, said: origin, path: url }
    this.#origin = 'not asked'
    this.#confirmedBy = undefined
    const nowMs = this.#clock.now()
    const latest = this.#given.findLast((given) => given.path === url && isWholePage(given))
    const headers: Record<string, string> = {}
    if (asked.xA !== undefined) headers['X-A'] = asked.xA
    if (asked.isAuthorized) headers.Authorization = 'Bearer x'
    const reply = await send(this.#started.port, url, { method: asked.method, headers })

    this.counts.asked += 1
    const isDue = latest !== undefined && isPlainlyFresh(latest, asked, nowMs)
    if (isDue && asked.method === 'GET' && this.#isWithoutVary(url)) {
      this.counts.plainlyFresh += 1
      expect(this.#origin).toBe('not asked')
    }
    this.#judge(reply, asked, nowMs)
    if (asked.method === 'POST' && reply.status < 400) this.#invalidate(url)
  }

  #judge(reply: Reply, asked: Asked, nowMs: number): void {
    const wasAnswered = this.#origin === 'answered' || this.#origin === 'failed'
    if (wasAnswered && reply.headers['x-own'] === String(this.#runs)) {
      const own = this.#given.at(-1)
      if (own !== undefined) own.isStored = reply.cache.includes('; stored')
      return
    }
    const given = this.#given[Number(reply.headers['x-id'])]
    if (given === undefined) throw new Error(`An answer from nowhere: ${reply.cache}`)
    this.counts.fromCache += 1
    if (this.#origin === 'confirmed') this.counts.confirmed += 1
    if (this.#origin === 'failed') this.counts.stale += 1
    // A handler that has just failed is not asked again at once.
    const sinceFailureMs = nowMs - (this.#failedAtMs.get(given.path) ?? Number.NEGATIVE_INFINITY)
    const isStillFailing = this.#origin === 'not asked' && sinceFailureMs <= LONGEST_BACKOFF_MS
    expect(whyNot(given, asked, nowMs, isStillFailing ? 'failed' : this.#origin)).toBeUndefined()
    if (asked.method === 'GET') expect(reply.text).toBe(`body of ${given.id}`)
    if (this.#confirmedBy !== undefined) {
      given.confirmed = { atMs: nowMs, asked, said: updated(given, this.#confirmedBy) }
      given.isStored = reply.cache.includes('; stored')
    }
  }

  /** Variants are found through the first of them: when that is over, those after it are made anew. */
  #isWithoutVary(url: string): boolean {
    return this.#given.every(
      ({ path, said, confirmed }) =>
        path !== url || (said.vary === undefined && confirmed?.said.vary === undefined),
    )
  }

  #invalidate(url: string): void {
    for (const given of this.#given) if (given.path === url) given.isGone = true
  }

  #answer(req: IncomingMessage, res: ServerResponse): void {
    const next = this.#next
    if (next === undefined) throw new Error('Nobody has asked')
    const { said: saying, path: url } = next
    const isHead = req.method === 'HEAD'
    const etag = isHead ? '"head"' : saying.etag
    res.setHeader('Cache-Control', controlOf(saying))
    if (saying.age !== undefined) res.setHeader('Age', saying.age)
    if (saying.vary !== undefined) res.setHeader('Vary', saying.vary)
    if (etag !== undefined) res.setHeader('ETag', etag)
    const isSame = etag !== undefined && req.headers['if-none-match'] === etag
    if (isSame && saying.status === 200) {
      this.#origin = 'confirmed'
      this.#confirmedBy = saying
      res.statusCode = 304
      res.end()
      return
    }
    this.#runs += 1
    this.#origin = saying.status >= 500 ? 'failed' : 'answered'
    if (this.#origin === 'failed') this.#failedAtMs.set(url, this.#clock.now())
    res.statusCode = saying.status
    res.setHeader('X-Own', String(this.#runs))
    if (isHead) {
      res.end()
      return
    }
    const id = this.#given.length
    const asked: Asked = { ...next.asked, method: req.method as Asked['method'] }
    const atMs = this.#clock.now()
    this.#given.push({ id, path: url, asked, said: saying, atMs, isGone: false, isStored: false })
    res.setHeader('X-Id', String(id))
    res.end(`body of ${id}`)
  }
}

/** What a response says once a 304 has: a Vary that this leaves out stays (RFC 9111 section 3.2). */
function updated({ said, confirmed }: Given, by: Said): Said {
  const vary = by.vary ?? confirmed?.said.vary ?? said.vary
  return vary === undefined ? by : { ...by, vary }
}

function isWholePage({ asked, said: { status } }: Given): boolean {
  return asked.method === 'GET' && status === 200
}

/**
 * What a driver serves, beside a reference model. In memory only: the model's clock is a fake one, and
 * Redis judges by its own.
 */
export function modelSuite(driver: Driver): void {
  describe(`any sequence of requests and responses to ${driver.name}, beside a small model of RFC 9111`, () => {
    it('is answered from the cache only where the model allows, and where it must', async () => {
      const totals = { asked: 0, fromCache: 0, confirmed: 0, stale: 0, plainlyFresh: 0 }
      await fc.assert(
        fc.asyncProperty(
          fc.array(step, { minLength: 10, maxLength: 40, size: 'max' }),
          async (steps) => {
            const world = new World()
            await world.start(driver)
            try {
              for (const each of steps) await world.take(each)
            } finally {
              await world.stop()
            }
            for (const [name, count] of Object.entries(world.counts)) {
              totals[name as keyof typeof totals] += count
            }
          },
        ),
        { numRuns: Number(process.env.HOTPATH_MODEL_RUNS ?? 200) },
      )

      // It has looked at what it is for.
      for (const count of Object.values(totals)) expect(count).toBeGreaterThan(0)
    })
  })
}
