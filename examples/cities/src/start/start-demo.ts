import type { Cache, RedisLink } from '@hotpath/core'
import type { RateLimiter } from '@hotpath/rate-limit'
import { account } from '../api/account.ts'
import { createApi } from '../api/api.ts'
import { createFavouritesApi } from '../api/favourites.ts'
import type { Config } from '../config.ts'
import type { Database } from '../data/database.ts'
import { loadCities } from '../data/load.ts'
import { describeDatabase, openDatabase } from '../data/open-database.ts'
import { createExpressApp } from '../servers/express-app.ts'
import { createFastifyApp } from '../servers/fastify-app.ts'
import { assertPortFree } from '../servers/listen.ts'
import { readPage } from '../servers/page.ts'
import { serveExpress, serveFastify } from '../servers/serve.ts'
import { Closers } from './closers.ts'
import { type Facts, readFacts } from './facts.ts'
import { measureSummary } from './measure.ts'
import { openShared, type Shared } from './open-shared.ts'
import type { Output } from './output.ts'
import { showProgress } from './progress.ts'
import { formatInvitation, formatMeasured } from './report.ts'

/** A demo that runs. */
export interface Demo {
  readonly urls: Urls
  readonly cache: Cache
  readonly database: Database
  readonly searchLimits: RateLimiter
  close(): Promise<void>
}

interface Urls {
  express: string
  fastify: string
}

/** Starts everything, or closes what it had opened and throws a line that says why it cannot. */
export async function startDemo(config: Config, out: Output): Promise<Demo> {
  const opened = new Closers()
  try {
    return await start(config, out, opened)
  } catch (error) {
    await opened.close().catch(() => {})
    throw error
  }
}

async function start(config: Config, out: Output, opened: Closers): Promise<Demo> {
  const places = placesOf(config)
  await assertPortFree(places.express)
  await assertPortFree(places.fastify)

  const shared = openShared(config, opened)
  const { link, cache } = shared
  out.write(`Opening ${describeDatabase(config)} ...\n`)
  const database = await openDatabase(config)
  opened.add(() => database.close())
  await loadCities(database, config.countries, showProgress('Loading places', out))

  if (config.measure) {
    const measured = await measureSummary(database, cache, link)
    out.write(`\n${formatMeasured(measured, config.redisUrl)}\n`)
  }
  // What an earlier run left in Redis may have come from another database.
  await cache.clear()

  const urls = await serve(config, database, shared, opened)
  out.write(`\n${formatInvitation(urls)}\n`)
  if (link !== undefined) opened.add(reportState(link, out))
  const { limiter: searchLimits } = shared.searchLimits
  return { urls, cache, database, searchLimits, close: () => opened.close() }
}

/** The same behind both frameworks: a change or a login through either is seen by both. */
async function serve(
  config: Config,
  database: Database,
  shared: Shared,
  opened: Closers,
): Promise<Urls> {
  const places = placesOf(config)
  const facts: Facts = await readFacts(database, shared.cache, config.redisUrl !== undefined)
  const urls = { express: '', fastify: '' }
  const page = await readPage(() => ({ ...facts, urls }))
  const api = createApi(database, shared.cache)
  const parts = { ...shared, api, account, favourites: createFavouritesApi(database), page }

  const express = await serveExpress(createExpressApp(parts), places.express)
  opened.add(express.close)
  const fastify = await serveFastify(await createFastifyApp(parts), places.fastify)
  opened.add(fastify.close)
  return Object.assign(urls, { express: express.url, fastify: fastify.url })
}

function placesOf({ host, port, fastifyPort }: Config) {
  return {
    express: { host, port, variable: 'PORT' },
    fastify: { host, port: fastifyPort, variable: 'PORT_FASTIFY' },
  }
}

/** Says when Redis goes and comes back; returns what stops it. */
function reportState(link: RedisLink, out: Output): () => void {
  return link.on('state', ({ state }) => {
    out.write(state === 'up' ? 'Redis is back.\n' : 'Redis is away: going on in memory.\n')
  })
}
