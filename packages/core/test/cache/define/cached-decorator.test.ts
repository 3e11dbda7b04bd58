import { afterEach, beforeEach, describe, expect, expectTypeOf, it } from 'vitest'
import { type Cache, Cached, createCache } from '../../../src/index.ts'

describe('@Cached', () => {
  const calls: unknown[][] = []
  let cache: Cache
  beforeEach(() => {
    calls.length = 0
    cache = createCache()
  })
  afterEach(() => cache.close())

  const current = (): Cache => cache

  class Cities {
    readonly tenant: string
    readonly cache = current()

    constructor(tenant = 'a') {
      this.tenant = tenant
    }

    @Cached({ cache: (self) => self.cache, key: (id) => `city:${id}`, tags: (id) => [`tag:${id}`] })
    async find(id: number): Promise<string> {
      calls.push([this.tenant, id])
      return `${this.tenant} ${id}`
    }

    @Cached({
      cache: current,
      key(id) {
        return `${this.tenant}:${id}`
      },
      tags(id, options) {
        return [this.tenant, options?.tag ?? 'none', `${id}`]
      },
    })
    async own(id: number, options?: { tag?: string }): Promise<string> {
      calls.push([this.tenant, id, options])
      return `${this.tenant} ${id}`
    }

    @Cached({ cache: current, key: (...ids) => ids.join(), ttl: 0 })
    async uncached(...ids: number[]): Promise<number[]> {
      calls.push(ids)
      return ids
    }

    @Cached({ cache: current, key: (id) => id })
    static async shared(id: string): Promise<string> {
      // biome-ignore lint/complexity/noThisInStatic: which class it is called on is what is tested
      calls.push([this, id])
      return id
    }

    @Cached({ cache: current, key: () => 'private' })
    async #hidden(): Promise<string> {
      calls.push([this.tenant])
      return this.tenant
    }

    reveal(): Promise<string> {
      return this.#hidden()
    }

    @Cached({ cache: current, key: () => 'failing' })
    async failing(): Promise<never> {
      throw new Error(`no ${this.tenant}`)
    }
  }

  it('calls a method once for one key', async () => {
    const cities = new Cities()

    const values = [await cities.find(7), await cities.find(7), await cities.find(8)]

    expect(values).toEqual(['a 7', 'a 7', 'a 8'])
    expect(calls).toEqual([
      ['a', 7],
      ['a', 8],
    ])
  })

  it('keeps the types of the method', () => {
    expectTypeOf<Cities['find']>().toEqualTypeOf<(id: number) => Promise<string>>()
  })

  it('shares one result among objects whose key is the same', async () => {
    const values = [await new Cities('a').find(7), await new Cities('b').find(7)]

    expect(values).toEqual(['a 7', 'a 7'])
  })

  it('gives the method, its key and its tags the object that it was called on', async () => {
    const [a, b] = [new Cities('a'), new Cities('b')]
    const first = [await a.own(7), await b.own(7)]

    await cache.deleteByTag('b')
    await Promise.all([a.own(7), b.own(7)])

    expect(first).toEqual(['a 7', 'b 7'])
    expect(calls.map(([tenant]) => tenant)).toEqual(['a', 'b', 'b'])
  })

  it('gives the tags all arguments', async () => {
    const cities = new Cities()
    await cities.own(7, { tag: 'mine' })

    await cache.deleteByTag('mine')
    await cities.own(7)

    expect(calls).toEqual([
      ['a', 7, { tag: 'mine' }],
      ['a', 7, undefined],
    ])
  })

  it('works on static and on private methods', async () => {
    const cities = new Cities()

    const values = [await Cities.shared('x'), await Cities.shared('x')]
    const hidden = [await cities.reveal(), await cities.reveal()]

    expect([...values, ...hidden]).toEqual(['x', 'x', 'a', 'a'])
    expect(calls).toEqual([[Cities, 'x'], ['a']])
  })

  it('takes the options of an entry', async () => {
    const cities = new Cities()

    await cities.uncached(1, 2)
    await cities.uncached(1, 2)

    expect(calls).toEqual([
      [1, 2],
      [1, 2],
    ])
  })

  it('gives the error of the method, and calls it again after that', async () => {
    const cities = new Cities()

    await expect(cities.failing()).rejects.toThrow('no a')
    await expect(cities.failing()).rejects.toThrow('no a')
    expect(cache.stats().loads).toBe(2)
  })

  it('rejects when the key or the way to the cache throws', async () => {
    class Broken {
      @Cached({
        cache: () => cache,
        key: (): string => {
          throw new Error('no key')
        },
      })
      async find(): Promise<number> {
        return 1
      }
    }

    await expect(new Broken().find()).rejects.toThrow('no key')
  })

  it.each<[object, string]>([
    [{ cache: {}, key: () => 'k' }, 'cache: found an object, wanted a cache, or a function'],
    [{ key: () => 'k' }, 'cache: found undefined, wanted a cache, or a function'],
    [{ cache: () => cache }, 'key: found undefined, wanted a function'],
    [{ cache: () => cache, key: 'k' }, 'key: found "k", wanted a function'],
    [
      { cache: () => cache, key: () => 'k', tags: 7 },
      'tags: found 7, wanted an array or a function',
    ],
    [{ cache: () => cache, key: () => 'k', ttl: 'soon' }, 'ttl: found "soon", wanted a duration'],
    [{ cache: () => cache, key: () => 'k', signal: 1 }, 'signal: unknown option'],
  ])('refuses %o where the class is defined', (options, message) => {
    expect(() => Cached(options as never)).toThrow(`@Cached: ${message}`)
  })

  it('refuses to be put before anything but a method', () => {
    const decorate = Cached({ cache: () => cache, key: () => 'k' }) as (...args: unknown[]) => void
    const wanted = 'wanted a method of a class'

    expect(() => decorate(undefined, { kind: 'field' })).toThrow(
      `@Cached: found "field", ${wanted}`,
    )
    expect(() => decorate(class {}, { kind: 'class' })).toThrow(`found "class", ${wanted}`)
    expect(() => decorate({}, 'find', {})).toThrow('found "a decorator of experimentalDecorators"')
  })
})
