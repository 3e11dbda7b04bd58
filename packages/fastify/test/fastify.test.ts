import { randomUUID } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { gunzipSync } from 'node:zlib'
import compress from '@fastify/compress'
import cookie from '@fastify/cookie'
import etag from '@fastify/etag'
import helmet from '@fastify/helmet'
import { cachePlugin, cacheTags, createResponseCache } from '@hotpath/fastify'
import { type FastifyInstance, type FastifyRequest, fastify } from 'fastify'
import { afterEach, describe, expect, it } from 'vitest'
import { SERVED, send } from '../../http/test/harness.ts'

const apps: FastifyInstance[] = []

afterEach(async () => {
  await Promise.all(apps.splice(0).map((app) => app.close()))
})

function createApp(): FastifyInstance {
  const app = fastify({ forceCloseConnections: true })
  apps.push(app)
  return app
}

async function serve(app: FastifyInstance): Promise<number> {
  await app.listen({ host: '127.0.0.1', port: 0 })
  return (app.server.address() as AddressInfo).port
}

const TEXT = 'all the same '.repeat(500)

describe('cachePlugin in Fastify', () => {
  it('caches what handlers return, send and stream', async () => {
    const app = createApp()
    await app.register(cachePlugin, { ttl: '30s' })
    app.get('/object', async () => ({ id: randomUUID() }))
    app.get('/text', (_request, reply) => void reply.type('text/x-test').send(randomUUID()))
    app.get('/buffer', async (_request, reply) => reply.send(Buffer.from(randomUUID())))
    app.get('/stream', async (_request, reply) => reply.send(Readable.from([randomUUID(), 'x'])))
    const port = await serve(app)

    for (const path of ['/object', '/text', '/buffer', '/stream']) {
      const first = await send(port, path)
      const second = await send(port, path)

      expect(second.cache).toMatch(SERVED)
      expect(second.text).toBe(first.text)
      expect(second.headers['content-type']).toBe(first.headers['content-type'])
    }
  })

  it("a route's own options go before the plugin's; false keeps it out", async () => {
    const app = createApp()
    await app.register(cachePlugin, { ttl: '30s' })
    app.get('/long', { config: { cache: { ttl: '5m' } } }, async () => 'page')
    app.get('/never', { config: { cache: false } }, async () => 'page')
    const port = await serve(app)

    expect((await send(port, '/long')).cache).toMatch(/ttl=300/)
    expect((await send(port, '/never')).headers['cache-status']).toBeUndefined()
  })

  it('wrong options fail where they were written', async () => {
    const app = createApp()
    const wrong = { ttl: 'soon' } as never

    await expect(createApp().register(cachePlugin, wrong)).rejects.toMatchObject({
      code: 'ERR_OPTION_INVALID',
      message: expect.stringContaining('cachePlugin: ttl: found "soon", wanted a duration'),
    })
    await app.register(cachePlugin)
    expect(() => app.get('/x', { config: { cache: wrong } }, async () => '')).toThrow(
      'config.cache: ttl: found "soon"',
    )
    expect(() => app.get('/y', { config: { cache: true as never } }, async () => '')).toThrow(
      'config.cache: options: found true, wanted an object',
    )
  })

  it('wrong options beside a response cache to share, and one that is none, fail as well', async () => {
    const responseCache = createResponseCache<FastifyRequest>()
    const refused = [
      { responseCache: {} },
      { responseCache, ttl: 'soon' },
      { responseCache, redis: 'redis://localhost' },
    ].map((options) => createApp().register(cachePlugin, options as never))

    const ends = await Promise.allSettled(refused)

    expect(ends).toEqual([
      failure('cachePlugin: responseCache: found an object, wanted one made by'),
      failure('cachePlugin: ttl: found "soon", wanted a duration'),
      failure('cachePlugin: redis: unknown option'),
    ])
  })

  it('caches routes made before it was loaded', async () => {
    const app = createApp()
    app.register(cachePlugin, { ttl: '30s' })
    app.get('/early', async () => randomUUID())
    app.get('/never', { config: { cache: false } }, async () => randomUUID())
    const port = await serve(app)

    const first = await send(port, '/early')
    const second = await send(port, '/early')

    expect(second.text).toBe(first.text)
    expect((await send(port, '/never')).headers['cache-status']).toBeUndefined()
  })

  it('trap 17: hooks that let requests in see them before the cache, wherever they were added', async () => {
    const app = createApp()
    await app.register(cachePlugin, { ttl: '30s' })
    await app.register(async (admin) => {
      admin.addHook('onRequest', async (request, reply) => {
        if (request.headers['x-admin'] !== 'yes') return reply.code(403).send('no')
      })
      admin.get('/stats', async () => 'secret')
    })
    const port = await serve(app)

    await send(port, '/stats', { headers: { 'X-Admin': 'yes' } })
    const hit = await send(port, '/stats', { headers: { 'X-Admin': 'yes' } })
    const stranger = await send(port, '/stats')

    expect(hit.cache).toMatch(SERVED)
    expect([stranger.status, stranger.text]).toEqual([403, 'no'])
  })

  it('fields set by hooks before it are those of each request', async () => {
    const app = createApp()
    app.addHook('onRequest', async (_request, reply) => {
      reply.header('X-Request-Id', randomUUID())
    })
    await app.register(cachePlugin, { ttl: '30s' })
    app.get('/page', async (_request, reply) => {
      reply.header('X-Kept', randomUUID())
      return 'page'
    })
    const port = await serve(app)

    const first = await send(port, '/page')
    const second = await send(port, '/page')

    expect(second.headers['x-kept']).toBe(first.headers['x-kept'])
    expect(second.headers['x-request-id']).toBeDefined()
    expect(second.headers['x-request-id']).not.toBe(first.headers['x-request-id'])
  })

  it('onResponse hooks run for hits too', async () => {
    const seen: number[] = []
    const app = createApp()
    app.addHook('onResponse', async (_request, reply) => {
      seen.push(reply.statusCode)
    })
    await app.register(cachePlugin, { ttl: '30s' })
    app.get('/page', async () => 'page')
    const port = await serve(app)

    await send(port, '/page')
    await send(port, '/page')
    await app.close()

    expect(seen).toEqual([200, 200])
  })

  it('serves inject() as well', async () => {
    const app = createApp()
    await app.register(cachePlugin, { ttl: '30s' })
    app.get('/page', async () => ({ id: randomUUID() }))

    const first = await app.inject('/page')
    const second = await app.inject('/page')
    const head = await app.inject({ method: 'HEAD', url: '/page' })

    expect(second.headers['cache-status']).toMatch(/hit; ttl=(29|30); detail=memory/)
    expect(second.json()).toEqual(first.json())
    expect(head.headers['cache-status']).toMatch(/hit/)
    expect(head.headers['content-length']).toBe(first.headers['content-length'])
  })

  it('keeps ignored parameters from the handler', async () => {
    const app = createApp()
    await app.register(cachePlugin, { ttl: '30s', query: { ignore: ['utm'] } })
    app.get('/page', async (request) => ({ query: request.query, url: request.url }))

    const first = await app.inject('/page?a=1&utm=evil')
    const second = await app.inject('/page?a=1')

    expect(first.json()).toEqual({ query: { a: '1' }, url: '/page?a=1' })
    expect(second.headers['cache-status']).toMatch(/hit/)
  })

  it('purges by tags from route options, cacheTags() and URL', async () => {
    const app = createApp()
    await app.register(cachePlugin)
    const tags = (request: FastifyRequest): string[] => [
      `city:${(request.params as { id: string }).id}`,
    ]
    app.get('/cities/:id', { config: { cache: { ttl: '5m', tags } } }, async (_request, reply) => {
      cacheTags(reply, 'cities')
      return randomUUID()
    })
    const isHit = async (): Promise<boolean> =>
      String((await app.inject('/cities/7')).headers['cache-status']).includes('hit')

    const seen = []
    for (const target of [
      { tag: 'city:7' },
      { tag: 'cities' },
      { url: '/cities/7' },
      { tag: 'x' },
    ]) {
      await app.inject('/cities/7')
      await app.responseCache.purge(target)
      seen.push(await isHit())
    }

    expect(seen).toEqual([false, false, false, true])
  })

  it('several apps may share a response cache', async () => {
    const responseCache = createResponseCache<FastifyRequest>({ ttl: '30s' })
    const [one, two] = [createApp(), createApp()]
    for (const app of [one, two]) {
      await app.register(cachePlugin, { responseCache })
      app.get('/page', async () => randomUUID())
    }

    const first = await one.inject('/page')
    await one.close()
    const second = await two.inject('/page')

    expect(second.body).toBe(first.body)
  })

  it('beside a response cache to share, its options are those of its routes', async () => {
    const responseCache = createResponseCache<FastifyRequest>()
    const app = createApp()
    await app.register(cachePlugin, { responseCache, ttl: '30s' })
    app.get('/page', async () => 'page')
    app.get('/own', { config: { cache: { ttl: undefined, cacheStatus: 'own' } } }, async () => '')
    app.get('/longer', { config: { cache: { ttl: '1m' } } }, async () => 'page')

    const replies = await Promise.all(['/page', '/own', '/longer'].map((url) => app.inject(url)))

    expect(replies.map(({ headers }) => headers['cache-status'])).toEqual([
      'hotpath; fwd=uri-miss; stored; ttl=30',
      'own; fwd=uri-miss; stored; ttl=30',
      'hotpath; fwd=uri-miss; stored; ttl=60',
    ])
  })

  it('an error of an option is answered by Fastify', async () => {
    const app = createApp()
    const failing = (): never => {
      throw new Error('broken option')
    }
    await app.register(cachePlugin, { ttl: '30s' })
    app.get('/scope', { config: { cache: { scope: failing } } }, async () => 'page')
    app.get('/tags', { config: { cache: { tags: failing } } }, async () => 'page')

    const scope = await app.inject('/scope')

    expect([scope.statusCode, scope.json().message]).toEqual([500, 'broken option'])
  })
})

function failure(message: string): object {
  return { status: 'rejected', reason: expect.objectContaining({ message: beginning(message) }) }
}

function beginning(text: string): string {
  return expect.stringContaining(text) as string
}

/** In which other plugins are registered beside the cache. */
const ORDERS = {
  'etag first': ['etag', 'compress', 'cache'],
  'compress first': ['compress', 'etag', 'cache'],
  'cache first': ['cache', 'etag', 'compress'],
  'cache between': ['etag', 'cache', 'compress'],
} as const

function strongTags(etag: string | undefined): string[] {
  return etag?.startsWith('"') ? [etag] : []
}

describe('cachePlugin with other plugins', () => {
  const gzip = { 'Accept-Encoding': 'gzip' }

  it.each(['before', 'after'] as const)(
    'helmet registered %s it: hits have its fields',
    async (place) => {
      const app = createApp()
      if (place === 'before') await app.register(helmet)
      await app.register(cachePlugin, { ttl: '30s' })
      if (place === 'after') await app.register(helmet)
      app.get('/page', async () => 'page')
      const port = await serve(app)

      const first = await send(port, '/page')
      const second = await send(port, '/page')

      expect(second.cache).toMatch(SERVED)
      expect(second.headers['content-security-policy']).toBeDefined()
      expect(second.headers['content-security-policy']).toBe(
        first.headers['content-security-policy'],
      )
      expect(second.rawHeaders.filter((name) => /^x-frame-options$/i.test(name))).toHaveLength(1)
    },
  )

  it.each(['before', 'after'] as const)(
    'trap 17: a page that sets a cookie by @fastify/cookie, registered %s it, is not kept',
    async (place) => {
      const app = createApp()
      if (place === 'before') await app.register(cookie)
      await app.register(cachePlugin, { ttl: '30s' })
      if (place === 'after') await app.register(cookie)
      app.get('/login', async (_request, reply) => {
        reply.setCookie('sid', randomUUID())
        return 'welcome'
      })
      const port = await serve(app)

      const cookies = []
      for (let turn = 0; turn < 2; turn += 1)
        cookies.push((await send(port, '/login')).headers['set-cookie'])

      expect(cookies[0]).toHaveLength(1)
      expect(cookies[1]).not.toEqual(cookies[0])
    },
  )

  it('trap 20: a strong entity tag is not shared by encodings', async () => {
    const app = createApp()
    await app.register(compress, { threshold: 100 })
    await app.register(cachePlugin, { ttl: '30s', etag: 'strong' })
    app.get('/page', async (_request, reply) => reply.type('text/plain').send(TEXT))
    const port = await serve(app)
    for (const headers of [gzip, {}]) await send(port, '/page', { headers })

    const plain = await send(port, '/page')
    const zipped = await send(port, '/page', { headers: gzip })

    expect([plain.headers.etag, zipped.headers.etag].every((tag) => /^"/.test(String(tag)))).toBe(
      true,
    )
    expect(zipped.headers['content-encoding']).toBe('gzip')
    expect(zipped.headers.etag).not.toBe(plain.headers.etag)
  })

  it.each(['etag first', 'compress first', 'cache first', 'cache between'] as const)(
    'trap 20: @fastify/etag and @fastify/compress, %s: a strong tag is of one encoding',
    async (order) => {
      const app = createApp()
      const plugins = {
        etag: () => app.register(etag),
        compress: () => app.register(compress, { threshold: 100 }),
        cache: () => app.register(cachePlugin, { ttl: '30s' }),
      }
      for (const name of ORDERS[order]) await plugins[name]()
      app.get('/page', async (_request, reply) => reply.type('text/plain').send(TEXT))
      const port = await serve(app)

      const replies = []
      for (const headers of [gzip, {}, gzip, {}]) {
        replies.push(await send(port, '/page', { headers }))
      }

      const [zipped, plain] = replies.slice(2)
      const pages = replies.map(({ headers, body }) =>
        (headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body).toString(),
      )
      expect(pages).toEqual([TEXT, TEXT, TEXT, TEXT])
      expect([zipped, plain].every((reply) => SERVED.test(reply?.cache ?? ''))).toBe(true)
      const strong = [zipped, plain].flatMap((reply) => strongTags(reply?.headers.etag))
      expect(new Set(strong).size).toBe(strong.length)
    },
  )

  it.each(['before', 'after'] as const)(
    'trap 24: compress and etag registered %s it',
    async (place) => {
      const app = createApp()
      const others = async (): Promise<void> => {
        await app.register(compress, { threshold: 100 })
        await app.register(etag)
      }
      if (place === 'before') await others()
      await app.register(cachePlugin, { ttl: '30s' })
      if (place === 'after') await others()
      app.get('/page', async (_request, reply) => reply.type('text/plain').send(TEXT))
      app.get('/stream', async (_request, reply) =>
        reply.type('text/plain').send(Readable.from([TEXT.slice(0, 100), TEXT.slice(100)])),
      )
      const port = await serve(app)

      for (const path of ['/page', '/stream']) {
        const zipped = [
          await send(port, path, { headers: gzip }),
          await send(port, path, { headers: gzip }),
        ]
        const plain = [await send(port, path), await send(port, path)]

        expect(zipped.map(({ headers }) => headers['content-encoding'])).toEqual(['gzip', 'gzip'])
        expect(zipped[1]?.body).toEqual(zipped[0]?.body)
        expect(zipped[1]?.cache).toMatch(SERVED)
        expect(plain.map(({ text }) => text)).toEqual([TEXT, TEXT])
        expect(plain.map(({ headers }) => headers['content-encoding'])).toEqual([
          undefined,
          undefined,
        ])
        expect(plain[1]?.cache).toMatch(SERVED)
      }
      const tag = String((await send(port, '/page')).headers.etag)
      const conditional = await send(port, '/page', { headers: { 'If-None-Match': tag } })
      expect(conditional.status).toBe(304)
    },
  )
})
