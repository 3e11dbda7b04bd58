import { readFileSync } from 'node:fs'
import { createCache } from '@hotpath/core'
import { cacheHandler, createResponseCache } from '@hotpath/http'
import { describe, expect, it } from 'vitest'

describe('options of createResponseCache()', () => {
  it.each([
    [{ tttl: 1 }, 'createResponseCache: tttl: unknown option'],
    [{ staleWhileRevalidate: 'long' }, 'staleWhileRevalidate: found "long", wanted a duration'],
    [{ earlyRefresh: { beta: 0 } }, 'earlyRefresh'],
    [{ staleIfError: 'long' }, 'staleIfError: found "long", wanted a duration'],
    [{ heuristic: 2 }, 'heuristic: found 2, wanted at most 1'],
    [{ targets: 'CDN-Cache-Control' }, 'targets: found "CDN-Cache-Control", wanted'],
    [{ clientCacheControl: 'a\nb' }, 'clientCacheControl'],
    [{ etag: true }, 'etag'],
    [{ ignoreClientAbort: 1 }, 'ignoreClientAbort: found 1, wanted a boolean'],
    [{ cacheStatus: { name: 'a b' } }, 'cacheStatus'],
    [{ ttl: -1 }, 'ttl: found -1, wanted a duration'],
    [{ ttl: 'soon' }, 'ttl: found "soon", wanted a duration'],
    [{ maxTtl: '1 day' }, 'maxTtl: found "1 day", wanted a duration'],
    [{ key: 'url' }, 'key: found "url", wanted a function'],
    [
      { keyHeaders: ['not a field'] },
      'keyHeaders.0: found "not a field", wanted the name of a request field',
    ],
    [{ keyCookies: ['a=b'] }, 'keyCookies.0: found "a=b", wanted the name of a cookie'],
    [{ query: { allow: ['a'], ignore: ['b'] } }, 'either allow or ignore, not both'],
    [{ query: { only: ['a'] } }, 'query.only: unknown option'],
    [{ scope: 7 }, 'scope: found 7, wanted a function'],
    [{ when: true }, 'when: found true, wanted a function'],
    [{ statuses: [99] }, 'statuses.0: found 99, wanted at least 200'],
    [{ setCookie: 'keep' }, 'setCookie: found "keep", wanted "refuse" or "strip"'],
    [{ maxBodyBytes: -1 }, 'maxBodyBytes: found -1, wanted at least 0'],
    [{ collapse: 'yes' }, 'collapse: found "yes", wanted a boolean'],
    [{ cacheStatus: 'my cache' }, 'cacheStatus: found "my cache"'],
    [{ cache: {} }, 'cache: found an object, wanted a cache made by createCache()'],
    [
      { cache: createCache(), redis: 'redis://localhost' },
      'redis: found "redis://localhost", wanted to be left to the cache',
    ],
    [{ redis: 'http://localhost' }, 'redis'],
    [{ memory: { maxBytes: -1 } }, 'memory.maxBytes'],
    ['ttl=30s', 'createResponseCache: options: found "ttl=30s", wanted an object'],
  ])('refuses %o', (options, message) => {
    expect(() => createResponseCache(options as never)).toThrow(
      expect.objectContaining({
        code: 'ERR_OPTION_INVALID',
        message: expect.stringContaining(message),
      }),
    )
  })

  it('names all that is wrong, and who was told', () => {
    const options = { ttl: 'soon', skip: 1, wrong: 1 } as never

    expect(() => cacheHandler(() => {}, options)).toThrow(
      /^cacheHandler: ttl: .*; skip: .*; wrong: unknown option/,
    )
  })

  it('a handler that is none is refused at once', () => {
    expect(() => cacheHandler({} as never, { ttl: '30s' })).toThrow(
      'cacheHandler: handler: found an object, wanted a function',
    )
  })

  it('takes undefined for the default, also on a route', () => {
    const responses = createResponseCache({ ttl: undefined, cache: undefined, query: undefined })

    expect(() => responses.route({ ttl: undefined })).not.toThrow()
    expect(() => responses.route({ ttl: '1 s' as never })).toThrow('ttl: found "1 s"')
    expect(() => responses.route({ redis: 'redis://x' } as never)).toThrow('redis: unknown option')
  })

  it('have each a row in docs/http-caching.md', () => {
    const source = readFileSync(new URL('../src/options.ts', import.meta.url), 'utf8')
    const page = readFileSync(new URL('../../../docs/http-caching.md', import.meta.url), 'utf8')
    const [, inQuery = '', ofRoutes = '', ofCache = ''] = source.split('export interface ')
    const names = [...(ofRoutes + ofCache).matchAll(/^ {2}(\w+)\?:/gm)].map(([, name]) => name)
    const rows = [...page.matchAll(/^\| `(\w+)` \| [^|]+ \| [^|]+ \|$/gm)].map(([, name]) => name)

    expect(inQuery).toMatch(/^QueryOptions/)
    expect(rows.toSorted()).toEqual(names.toSorted())
  })

  it('a Redis that is away is no error', async () => {
    const responses = createResponseCache({ redis: 'redis://127.0.0.1:1' })

    await expect(responses.close()).resolves.toBeUndefined()
  })

  it('close() leaves alone a cache that was given', async () => {
    const cache = createCache()
    await cache.set('key', 'value')

    await createResponseCache({ cache }).close()

    expect(await cache.get('key')).toBe('value')
    await cache.close()
  })
})
