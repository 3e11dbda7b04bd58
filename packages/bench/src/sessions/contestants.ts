import { createServer, type Server } from 'node:http'
import { createRequire } from 'node:module'
import cookie from '@fastify/cookie'
import { sessionMiddleware } from '@hotpath/express'
import { sessionPlugin } from '@hotpath/fastify'
import type { Session } from '@hotpath/session'
import { RedisStore } from 'connect-redis'
import express, { type Request, type RequestHandler } from 'express'
import expressSession from 'express-session'
import fastify, { type FastifyInstance, type FastifyPluginAsync } from 'fastify'
import { createClient } from 'redis'

const SECRET = 'a secret for the benchmark, long enough for anybody'
const ANSWER = JSON.stringify({ ok: true })

/** A server with sessions: GET /read reads one, GET /write changes one. */
export interface Contestant {
  readonly name: string
  readonly group: string
  start(redisUrl: string): Promise<{ server: Server; close(): Promise<void> }>
}

/** What the peers' sessions are to a handler. */
interface PeerSession {
  n?: number
}

// Where its types are, `request.session` is theirs; so it is on Express, for theirs are there.
const fastifySession = createRequire(import.meta.url)('@fastify/session') as FastifyPluginAsync<{
  secret: string
  store?: RedisStore
}>

export const CONTESTANTS: readonly Contestant[] = [
  ours('Express, Redis', (url) => ({ redis: url })),
  peer('Express, Redis', 'express-session + connect-redis', true),
  ours('Express, memory', () => ({})),
  peer('Express, memory', 'express-session + MemoryStore', false),
  oursOnFastify('Fastify, Redis', (url) => ({ redis: url })),
  peerOnFastify('Fastify, Redis', '@fastify/session + connect-redis', true),
  oursOnFastify('Fastify, memory', () => ({})),
  peerOnFastify('Fastify, memory', '@fastify/session + MemoryStore', false),
]

function ours(group: string, store: (url: string) => { redis?: string }): Contestant {
  return {
    name: 'hotpath',
    group,
    async start(url) {
      const middleware = sessionMiddleware({ secret: SECRET, ...store(url) })
      const app = express()
      app.use(middleware)
      app.get('/read', async (req, res) => {
        await sessionOf(req).get('n')
        res.type('json').send(ANSWER)
      })
      app.get('/write', async (req, res) => {
        const session = sessionOf(req)
        session.set('n', Number((await session.get('n')) ?? 0) + 1)
        res.type('json').send(ANSWER)
      })
      return { server: createServer(app), close: () => middleware.sessions.close() }
    },
  }
}

function sessionOf(req: Request): Session {
  return req.session as object as Session
}

function peer(group: string, name: string, hasRedis: boolean): Contestant {
  return {
    name,
    group,
    async start(url) {
      const { store, close } = await openPeerStore(url, hasRedis)
      const app = express()
      const options = { secret: SECRET, resave: false, saveUninitialized: false }
      app.use(expressSession({ ...options, store: store ?? new expressSession.MemoryStore() }))
      app.use(peerHandler)
      return { server: createServer(app), close }
    },
  }
}

const peerHandler: RequestHandler = (req, res) => {
  const session = req.session as object as PeerSession
  const n = session.n ?? 0
  if (req.path === '/write') session.n = n + 1
  res.type('json').send(ANSWER)
}

function oursOnFastify(group: string, store: (url: string) => { redis?: string }): Contestant {
  return {
    name: 'hotpath',
    group,
    async start(url) {
      const app = fastify()
      await app.register(sessionPlugin, { secret: SECRET, ...store(url) })
      app.get('/read', async (request, reply) => {
        await request.session.get('n')
        return reply.type('application/json').send(ANSWER)
      })
      app.get('/write', async (request, reply) => {
        request.session.set('n', Number((await request.session.get('n')) ?? 0) + 1)
        return reply.type('application/json').send(ANSWER)
      })
      return await serveFastify(app, async () => {})
    },
  }
}

function peerOnFastify(group: string, name: string, hasRedis: boolean): Contestant {
  return {
    name,
    group,
    async start(url) {
      const { store, close } = await openPeerStore(url, hasRedis)
      const app = fastify()
      await app.register(cookie)
      const own = { secret: SECRET, cookie: { secure: false }, saveUninitialized: false }
      await app.register(fastifySession, store === undefined ? own : { ...own, store })
      app.get('/:what', async (request, reply) => {
        const session = request.session as object as PeerSession
        const n = session.n ?? 0
        if (request.url === '/write') session.n = n + 1
        return reply.type('application/json').send(ANSWER)
      })
      return await serveFastify(app, close)
    },
  }
}

async function serveFastify(
  app: FastifyInstance,
  close: () => Promise<void>,
): Promise<{ server: Server; close(): Promise<void> }> {
  await app.ready()
  const closeAll = async (): Promise<void> => {
    await app.close()
    await close()
  }
  return { server: app.server, close: closeAll }
}

async function openPeerStore(
  url: string,
  hasRedis: boolean,
): Promise<{ store: RedisStore | undefined; close(): Promise<void> }> {
  if (!hasRedis) return { store: undefined, close: async () => {} }
  const client = createClient({ url })
  await client.connect()
  return { store: new RedisStore({ client }), close: async () => void client.destroy() }
}
