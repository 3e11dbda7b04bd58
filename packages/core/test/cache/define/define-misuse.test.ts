import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { type Cache, createCache } from '../../../src/index.ts'

const key = (id: number) => String(id)
const load = () => 'v'

describe('define()', () => {
  let cache: Cache
  beforeEach(() => {
    cache = createCache()
  })
  afterEach(() => cache.close())

  it.each<[object, string]>([
    [{ load }, 'key: found undefined, wanted a function or a Standard Schema'],
    [{ key: 'id', load }, 'key: found "id", wanted a function or a Standard Schema'],
    [{ key }, 'load: found undefined, wanted a function here or as loadMany'],
    [{ key, load: 'v' }, 'load: found "v", wanted a function'],
    [{ key, loadMany: [] }, 'loadMany: found an array of 0, wanted a function'],
    [{ key, load, value: {} }, 'value: found an object, wanted a Standard Schema'],
    [{ key, load, value: { '~standard': {} } }, 'value: found an object, wanted a Standard Schema'],
    [{ key, load, version: '2' }, 'version: found "2", wanted a'],
    [{ key, load, version: -1 }, 'version: found -1, wanted at least 0'],
    [{ key, load, version: 1.5 }, 'version: found 1.5, wanted an int'],
    [{ key, load, tags: 'city' }, 'tags: found "city", wanted an array or a function'],
    [{ key, load, ttl: 'soon' }, 'ttl: found "soon", wanted a duration'],
    [{ key, load, tll: '5m' }, 'tll: unknown option'],
  ])('refuses %o', (options, message) => {
    const define = () => cache.define('city', options as never)

    expect(define).toThrow(`define "city": ${message}`)
  })

  it.each(['', 'a:b', '#a', 'x'.repeat(201), 7])('refuses the name %j', (name) => {
    const define = () => cache.define(name as string, { key, load })

    expect(define).toThrow('define: name: found')
  })

  it('refuses a key that is no text, before anything is loaded', async () => {
    const wrong = cache.define('city', { key: ((id: number) => id) as never, load })
    const refused = 'city: key: found 7, wanted text that is not empty'

    await expect(wrong.get(7 as never)).rejects.toThrow(refused)
    await expect(wrong.getMany([7 as never])).rejects.toThrow(refused)
    await expect(wrong.set(7 as never, 'v')).rejects.toThrow(refused)
    await expect(wrong.delete(7 as never)).rejects.toThrow(refused)
    await expect(wrong.expire(7 as never)).rejects.toThrow(refused)
    await expect(wrong.refresh(7 as never)).rejects.toThrow(refused)
    expect(() => wrong.peek(7 as never)).toThrow(refused)
    expect(cache.stats().loads).toBe(0)
  })

  it('tells what a loader has thrown, and what its tags have', async () => {
    const failing = cache.define('a', {
      key,
      load: () => {
        throw new Error('no database')
      },
    })
    const untagged = cache.define('b', {
      key,
      load,
      tags: () => {
        throw new Error('no tags')
      },
    })

    await expect(failing.get(7)).rejects.toThrow('no database')
    await expect(untagged.get(7)).rejects.toThrow('no tags')
  })

  describe('with a schema for its key', () => {
    it('writes text, numbers and booleans as they are', () => {
      const any = z.union([z.string(), z.number(), z.bigint(), z.boolean()])
      const city = cache.define('city', { key: any, load })

      expect(['lyon', 7, 7n, true].map((id) => city.keyOf(id))).toEqual([
        'city:lyon',
        'city:7',
        'city:7',
        'city:true',
      ])
    })

    it('writes what the schema makes of them', () => {
      const city = cache.define('city', { key: z.string().trim().toLowerCase(), load })

      expect(city.keyOf(' Lyon ')).toBe('city:lyon')
    })

    it('refuses what does not fit', async () => {
      const city = cache.define('city', { key: z.number(), load })

      await expect(city.get('7' as never)).rejects.toMatchObject({
        code: 'ERR_OPTION_INVALID',
        message: expect.stringMatching(/^city: key: /),
      })
    })

    it.each([[{ id: 7 }], [Number.NaN], [null]])('refuses to write %o', async (id) => {
      const city = cache.define('city', { key: z.unknown(), load })

      await expect(city.get(id)).rejects.toThrow('wanted text or a number')
    })

    it('refuses one that is asynchronous', async () => {
      const slow = z.string().refine(async () => true)
      const city = cache.define('city', { key: slow, load })

      await expect(city.get('7')).rejects.toThrow('wanted a schema that is not asynchronous')
    })
  })
})
