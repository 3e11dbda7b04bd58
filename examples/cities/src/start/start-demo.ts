import { type Cache, createCache, createRedisLink, type RedisLink } from '@hotpath/core'
import { createApi } from '../api/api.ts'
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
import type { Output } from './output.ts'
import { showProgress } from './progress.ts'
import { formatInvitation, formatMeasured } from './report.ts'

/** A demo that runs. */
export interface Demo {
  readonly urls: Urls
  readonly cache: Cache
  readonly database: Database
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

  const { link, cache } = openCache(config, opened)
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

  const urls = await serve(config, { cache, database }, opened)
  out.write(`\n${formatInvitation(urls)}\n`)
  if (link !== undefined) opened.add(reportState(link, out))
  return { urls, cache, database, close: () => opened.close() }
}

/** A Redis that is away neither stops nor delays the start. */
function openCache(config: Config, opened: Closers): { cache: Cache; link: RedisLink | undefined } {
  const link = config.redisUrl === undefined ? undefined : createRedisLink(config.redisUrl)
  if (link !== undefined) opened.add(() => link.close())
  const cache = createCache({ redis: link, namespace: 'hotpath-cities', ttl: '5m' })
  opened.add(() => cache.close())
  return { cache, link }
}

/** One cache behind both frameworks: a change through either is seen by both. */
async function serve(
  config: Config,
  { cache, database }: { cache: Cache; database: Database },
  opened: Closers,
): Promise<Urls> {
  const places = placesOf(config)
  const facts: Facts = await readFacts(database, cache, config.redisUrl !== undefined)
  const urls = { express: '', fastify: '' }
  const page = await readPage(() => ({ ...facts, urls }))
  const api = createApi(database, cache)

  const express = await serveExpress(createExpressApp(api, cache, page), places.express)
  opened.add(express.close)
  const fastify = await serveFastify(await createFastifyApp(api, cache, page), places.fastify)
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
