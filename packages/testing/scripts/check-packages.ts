/**
 * Packs what is published and looks at it as its users will: publint and attw over each tarball, then
 * a plain npm project, outside the workspace, that imports, requires and type-checks all of them.
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

interface Manifest {
  name: string
  private?: boolean
  devDependencies?: Record<string, string>
}

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const PACKAGES = join(ROOT, 'packages')
const BIN = join(ROOT, 'node_modules', '.bin')

/** What a user installs beside us. */
const PEERS = [
  'ioredis',
  'prom-client',
  '@opentelemetry/api',
  'express',
  'express-rate-limit',
  'express-session',
  'fastify',
  '@fastify/cookie',
  '@fastify/session',
  '@types/express',
  '@types/express-session',
  '@types/node',
  'typescript',
]

const SAMPLE = `
import { createCache, createRedisLink, HotpathError, type Cache } from '@hotpath/core'
import { instrumentCache } from '@hotpath/core/opentelemetry'
import { collectCacheMetrics } from '@hotpath/core/prometheus'
import { cacheHandler } from '@hotpath/http'
import { createSessionManager, type SessionManager } from '@hotpath/session'
import { createRateLimiter } from '@hotpath/rate-limit'
import { ExpressRateLimitStore } from '@hotpath/rate-limit/express-rate-limit'
import { FastifyRateLimitStore } from '@hotpath/rate-limit/fastify-rate-limit'
import { cacheMiddleware, rateLimitMiddleware, sessionMiddleware } from '@hotpath/express'
import { cachePlugin, rateLimitPlugin, sessionPlugin } from '@hotpath/fastify'
import express from 'express'
import fastify from 'fastify'

const cache: Cache = createCache({ ttl: '5m' })
const value: { n: number } = await cache.getOrSet('key', () => ({ n: 1 }))
for (const stop of [collectCacheMetrics(cache), instrumentCache(cache)]) stop()
const app = express()
app.use(cacheMiddleware({ cache, ttl: '30s' }))
const sessions: SessionManager = createSessionManager({ secret: 'thirty-two characters at the least' })
app.use(sessionMiddleware(sessions))
app.use(rateLimitMiddleware({ limit: 100, window: '1m', key: (req) => req.path }))
app.get('/me', async (req, res) => { res.json(await req.session.userId()) })
app.get('/:id', cacheMiddleware({ cache, ttl: '5m', tags: (req) => ['city:' + req.params.id] }), (_req, res) => { res.json(value) })
const server = fastify()
await server.register(cachePlugin, { cache, ttl: '30s' })
await server.register(sessionPlugin, { sessions })
await server.register(rateLimitPlugin, { limit: 100, window: '1m' })
server.get('/few', { config: { rateLimit: { limit: 5, window: '1s' } } }, () => 'ok')
await createRateLimiter({ limit: 100, window: '1m' }).consume('client')
await new ExpressRateLimitStore().increment('client')
new FastifyRateLimitStore()
server.get('/me', (request) => request.session.all())
server.get('/now', { config: { cache: false } }, () => ({ now: 1 }))
await server.ready()
await server.close()
cacheHandler((_req, res) => { res.end() }, { cache })
export { createRedisLink, HotpathError }
await cache.close()
`

/** Ours beside their sessions: `session` of a request is what they say. */
const BESIDE_THEIRS = `
import cookie from '@fastify/cookie'
import fastifySession from '@fastify/session'
import { cacheMiddleware } from '@hotpath/express'
import { cachePlugin } from '@hotpath/fastify'
import { ExpressSessionStore } from '@hotpath/session/express-session'
import { FastifySessionStore } from '@hotpath/session/fastify-session'
import express from 'express'
import session from 'express-session'
import fastify from 'fastify'

declare module 'express-session' { interface SessionData { cart: string[] } }
declare module 'fastify' { interface Session { cart: string[] } }
const secret = 'thirty-two characters at the least'
const app = express()
app.use(session({ store: new ExpressSessionStore(), secret, resave: false, saveUninitialized: false }))
app.get('/', cacheMiddleware(), (req, res) => { req.session.cart = [req.sessionID]; res.end() })
const server = fastify()
await server.register(cookie)
await server.register(fastifySession, { secret, store: new FastifySessionStore() })
await server.register(cachePlugin, {})
server.get('/', (request) => { request.session.cart = [request.session.sessionId]; return '' })
await server.ready()
await server.close()
`

const REQUIRED = `
const { createCache } = require('@hotpath/core')
const { instrumentCache } = require('@hotpath/core/opentelemetry')
const { collectCacheMetrics } = require('@hotpath/core/prometheus')
const { cacheMiddleware } = require('@hotpath/express')
const { cachePlugin } = require('@hotpath/fastify')
const { cacheHandler } = require('@hotpath/http')
const { createSessionManager } = require('@hotpath/session')
const { createRateLimiter } = require('@hotpath/rate-limit')
const all = [createCache, collectCacheMetrics, instrumentCache, cacheMiddleware, cachePlugin, cacheHandler, createSessionManager, createRateLimiter]
for (const made of all) {
  if (typeof made !== 'function') throw new Error('require() gave ' + typeof made)
}
const cache = createCache()
cache.getOrSet('key', () => 1).then((value) => {
  if (value !== 1) throw new Error('getOrSet() gave ' + value)
  return cache.close()
})
`

function run(command: string, args: readonly string[], cwd: string): void {
  console.log(`$ ${[command.split('/').pop(), ...args].join(' ')}`)
  execFileSync(command, args, { cwd, stdio: ['ignore', 'inherit', 'inherit'] })
}

function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
}

function pack(folder: string, into: string): string {
  const before = new Set(readdirSync(into))
  run('npx', ['pnpm', 'pack', '--pack-destination', into], folder)
  const [tarball] = readdirSync(into).filter((file) => !before.has(file))
  if (tarball === undefined) throw new Error(`Nothing was packed from ${folder}`)
  return join(into, tarball)
}

/** The versions that the workspace itself is tested with. */
function peerVersions(): Record<string, string> {
  const versions: Record<string, string> = {}
  for (const name of PEERS) {
    const owner = ['core', 'express', 'fastify', 'rate-limit', 'session', '.'].find((folder) => {
      const at = folder === '.' ? ROOT : join(PACKAGES, folder)
      return name in (readManifest(at).devDependencies ?? {})
    })
    const at = owner === '.' || owner === undefined ? ROOT : join(PACKAGES, owner)
    versions[name] = JSON.parse(
      readFileSync(join(at, 'node_modules', name, 'package.json'), 'utf8'),
    ).version
  }
  return versions
}

function tryAsUser(tarballs: Record<string, string>, folder: string): void {
  const files = Object.fromEntries(
    Object.entries(tarballs).map(([name, path]) => [name, `file:${path}`]),
  )
  const manifest = {
    name: 'plain-project',
    private: true,
    dependencies: { ...files, ...peerVersions() },
    overrides: files,
  }
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest, null, 2))
  writeFileSync(join(folder, 'sample.mts'), SAMPLE)
  writeFileSync(join(folder, 'beside-theirs.mts'), BESIDE_THEIRS)
  writeFileSync(join(folder, 'required.cjs'), REQUIRED)
  run('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error'], folder)
  const flags = [
    '--module',
    'nodenext',
    '--target',
    'es2023',
    '--strict',
    '--skipLibCheck',
    'false',
  ]
  const compile = [...flags, '--types', 'node', 'sample.mts']
  run(join(folder, 'node_modules/.bin/tsc'), compile, folder)
  run('node', ['sample.mjs'], folder)
  run('node', ['required.cjs'], folder)
  const besideTheirs = [...flags, '--types', 'node', 'beside-theirs.mts']
  run(join(folder, 'node_modules/.bin/tsc'), besideTheirs, folder)
  run('node', ['beside-theirs.mjs'], folder)
  console.log('The same without ioredis, which is optional:')
  rmSync(join(folder, 'node_modules/ioredis'), { recursive: true })
  run(join(folder, 'node_modules/.bin/tsc'), compile, folder)
  run('node', ['sample.mjs'], folder)
}

const folder = mkdtempSync(join(tmpdir(), 'hotpath-packages-'))
try {
  const packed = join(folder, 'packed')
  const project = join(folder, 'project')
  mkdirSync(packed)
  mkdirSync(project)
  const tarballs: Record<string, string> = {}
  for (const name of readdirSync(PACKAGES)) {
    const at = join(PACKAGES, name)
    if (
      !readdirSync(PACKAGES, { withFileTypes: true }).some(
        (e) => e.name === name && e.isDirectory(),
      )
    )
      continue
    const manifest = readManifest(at)
    if (manifest.private) continue
    const tarball = pack(at, packed)
    tarballs[manifest.name] = tarball
    run(join(BIN, 'publint'), ['run', '--strict', tarball], ROOT)
    run(join(BIN, 'attw'), [tarball, '--profile', 'esm-only', '--no-emoji'], ROOT)
  }
  tryAsUser(tarballs, project)
  console.log(`${Object.keys(tarballs).length} packages can be imported, required and type-checked`)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
