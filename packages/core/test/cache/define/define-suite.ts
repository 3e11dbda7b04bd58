import { gate, waitUntil } from '@hotpath/testing'
import { beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { Cache, CacheEvents, StandardSchema } from '../../../src/index.ts'
import { type CacheDriver, useCaches } from '../../support/harness.ts'

const City = z.object({ name: z.string(), population: z.number() })
const lyon = { name: 'Lyon', population: 522_250 }

/** What `define` does on every kind of cache. */
export function describeDefine(name: string, driver: CacheDriver): void {
  describe(name, () => {
    const harness = useCaches(driver)
    let cache: Cache
    beforeEach(async () => {
      cache = await harness.open()
    })

    function cities(options: object = {}, store: Cache = cache) {
      const loads: number[] = []
      const city = store.define('city', {
        key: (id: number) => String(id),
        value: City,
        load: (id) => {
          loads.push(id)
          return { ...lyon, population: id }
        },
        ...options,
      })
      return { city, loads }
    }

    function listen<E extends keyof CacheEvents>(event: E, store: Cache = cache): CacheEvents[E][] {
      const heard: CacheEvents[E][] = []
      store.on(event, (detail) => heard.push(detail))
      return heard
    }

    it('get() loads once, and gives what is cached after that', async () => {
      const { city, loads } = cities()

      const values = [
        await city.get(7),
        await city.get(7),
        ...(await Promise.all([city.get(8), city.get(8)])),
      ]

      expect(values.map(({ population }) => population)).toEqual([7, 7, 8, 8])
      expect(loads).toEqual([7, 8])
    })

    it('a value that was cached is what was loaded, in every tier', async () => {
      const { city } = cities()
      const loaded = await city.get(7)

      const other = cities({}, await harness.open())

      expect(await other.city.get(7)).toEqual(loaded)
      expect(other.loads).toEqual(driver.hasRedis ? [] : [7])
    })

    it('values of every kind are the same from every tier', async () => {
      const values: Record<string, unknown> = {
        buffer: Buffer.from([0, 59, 255]),
        bytes: Uint8Array.from([0, 44, 255]),
        map: new Map([[1, new Set(['a'])]]),
        big: 2n ** 70n,
        nothing: undefined,
        long: 'x;'.repeat(50_000),
      }
      const define = (store: Cache) =>
        store.define('kinds', { key: (name: string) => name, load: (name) => values[name] })
      const other = define(await harness.open({ compression: true }))

      for (const name of Object.keys(values)) {
        expect(await define(cache).get(name)).toStrictEqual(values[name])
        expect(await other.get(name)).toStrictEqual(values[name])
      }
      expect(cache.stats().loads).toBe(6)
    })

    it('works inside a namespace, and with a serializer of the user’s own', async () => {
      const serializer = {
        serialize: (value: unknown) => Buffer.from(`<${JSON.stringify(value)}>`),
        deserialize: (bytes: Buffer) => JSON.parse(bytes.toString().slice(1, -1)),
      }
      const inner = (store: Cache) => cities({}, store.namespace('inner', { serializer }))
      await inner(cache).city.get(7)

      const { city, loads } = inner(await harness.open())
      expect(await city.get(7)).toEqual({ ...lyon, population: 7 })
      expect(loads).toEqual(driver.hasRedis ? [] : [7])
      await cache.namespace('inner').clear()
      const after = inner(cache)
      await after.city.get(7)
      expect(after.loads).toEqual([7])
    })

    if (driver.hasMemory) {
      it('peek() gives what is in memory, at once', async () => {
        const { city } = cities()
        await city.set(7, lyon)
        // Where memory follows Redis, it hears of its own write first.
        await waitUntil(async () => (await city.get(7)) && city.peek(7) !== undefined, 'in memory')

        expect(city.peek(7)).toEqual(lyon)
        expect(city.peek(8)).toBeUndefined()
      })
    }

    it('set() stores, delete() removes, and expire() makes stale', async () => {
      const { city, loads } = cities({ staleIfError: '1h' })

      await city.set(7, lyon)
      const written = await city.get(7)
      const { applied } = await city.delete(7)
      const loaded = await city.get(7)
      await city.expire(7, 8)
      const again = await city.get(7)

      expect(written).toEqual(lyon)
      expect(applied).toBe(driver.hasRedis ? 'everywhere' : 'local')
      expect([loaded.population, again.population]).toEqual([7, 7])
      expect(loads).toEqual([7, 7])
    })

    it('refresh() loads anew', async () => {
      const { city, loads } = cities()
      await city.get(7)

      await city.refresh(7)

      expect(loads).toEqual([7, 7])
    })

    it('getMany() gives values in the order of the ids', async () => {
      const { city, loads } = cities()
      await city.get(8)

      const values = await city.getMany([7, 8, 9, 7])

      expect(values.map(({ population }) => population)).toEqual([7, 8, 9, 7])
      expect(loads).toEqual([8, 7, 9])
    })

    describe('loadMany', () => {
      function bulk(options: object = {}) {
        const calls: (readonly number[])[] = []
        const city = cache.define('city', {
          key: (id: number) => String(id),
          value: City,
          tags: (id) => [`city:${id}`],
          loadMany: (ids) => {
            calls.push(ids)
            return ids.map((id) => ({ ...lyon, population: id }))
          },
          ...options,
        })
        return { city, calls }
      }

      it('is called once for all that getMany() misses', async () => {
        const { city, calls } = bulk()
        await city.set(8, lyon)

        const values = await city.getMany([7, 8, 9, 7])

        expect(values.map(({ population }) => population)).toEqual([7, lyon.population, 9, 7])
        expect(calls).toEqual([[7, 9]])
      })

      it('serves get() where there is no load', async () => {
        const { city, calls } = bulk()

        expect(await city.get(7)).toMatchObject({ population: 7 })
        expect(await city.refresh(7)).toMatchObject({ population: 7 })
        expect(calls).toEqual([[7], [7]])
      })

      it('and load share what they bring', async () => {
        const loads: number[] = []
        const load = (id: number) => {
          loads.push(id)
          return lyon
        }
        const { city, calls } = bulk({ load })

        await city.get(7)
        await city.getMany([7, 8])
        await city.get(8)

        expect(loads).toEqual([7])
        expect(calls).toEqual([[8]])
      })

      it('may give a Map by id, in which ids may be missing where the schema allows it', async () => {
        const { city } = bulk({
          value: City.optional(),
          loadMany: (ids: readonly number[]) => new Map(ids.slice(1).map((id) => [id, lyon])),
        })

        expect(await city.getMany([7, 8])).toEqual([undefined, lyon])
        expect(await city.get(7)).toBeUndefined()
      })

      it('knows the tags of each, and those that it adds', async () => {
        const { city, calls } = bulk({
          loadMany: (
            ids: readonly number[],
            { of }: { of(id: number): { addTags(tag: string): void } },
          ) => {
            calls.push(ids)
            for (const id of ids) of(id).addTags(`own:${id}`)
            return ids.map(() => lyon)
          },
        })
        await city.getMany([7, 8, 9])

        await cache.deleteByTag('city:7', 'own:8')
        await city.getMany([7, 8, 9])

        expect(calls).toEqual([
          [7, 8, 9],
          [7, 8],
        ])
      })

      it('that gives values which do not fit is refused', async () => {
        const { city } = bulk({ loadMany: (ids: readonly number[]) => ids.map(() => 'Lyon') })

        await expect(city.getMany([7, 8])).rejects.toMatchObject({
          code: 'ERR_CACHE_VALUE_INVALID',
        })
        await expect(city.get(7)).rejects.toMatchObject({ code: 'ERR_CACHE_VALUE_INVALID' })
      })

      it('that gives too few values is refused', async () => {
        const { city } = bulk({ loadMany: () => [] })
        const refused = { code: 'ERR_CACHE_BULK_RESULT' }

        await expect(city.getMany([7, 8])).rejects.toMatchObject(refused)
        await expect(city.get(7)).rejects.toMatchObject(refused)
      })
    })

    it('tags reach its entries, those that the loader adds as well', async () => {
      const { city, loads } = cities({
        tags: (id: number) => [`city:${id}`],
        load: (id: number, ctx: { addTags(tag: string): void }) => {
          loads.push(id)
          ctx.addTags('all')
          return lyon
        },
      })
      await city.get(7)

      await cache.deleteByTag('city:7')
      await city.get(7)
      await cache.deleteByTag('all')
      await city.get(7)
      await city.set(7, lyon, { tags: ['mine'] })
      await cache.deleteByTag('city:7')
      await city.get(7)
      await city.set(7, lyon, { tags: ['mine'] })
      await cache.deleteByTag('mine')
      await city.get(7)

      expect(loads).toEqual([7, 7, 7, 7, 7])
    })

    it('clear() of the cache reaches its entries', async () => {
      const { city, loads } = cities()
      await city.get(7)

      await cache.clear()
      await city.get(7)

      expect(loads).toEqual([7, 7])
    })

    it('its keys are no keys of the cache, and those of other names are not its', async () => {
      const { city } = cities()
      const town = cache.define('town', { key: String, load: () => 'a town' })
      await cache.set('city:7', 'not a city')
      await cache.namespace('#1').set('city:7', 'not a city')

      await city.set(7, lyon)

      expect(await city.get(7)).toEqual(lyon)
      expect(await town.get(7)).toBe('a town')
      expect(await cache.get('city:7')).toBe('not a city')
    })

    it('has the lifetime and the timeouts that it was given', async () => {
      const { city } = cities({ ttl: '1m', hardTimeout: 1, load: () => new Promise(() => {}) })

      await expect(city.get(7)).rejects.toThrow(
        'The loader of "city:7" took longer than hardTimeout',
      )
    })

    it('keyOf() gives the key that events and loaders see', async () => {
      const hits = listen('miss')
      const keys: string[] = []
      const { city } = cities({
        load: (_id: number, ctx: { key: string }) => {
          keys.push(ctx.key)
          return lyon
        },
      })

      await city.get(7)

      expect(city.keyOf(7)).toBe('city:7')
      expect(keys).toEqual(['city:7'])
      expect(hits).toEqual([{ key: 'city:7' }])
    })

    it('the signal of a caller gives that caller up alone', async () => {
      const { city } = cities({ load: () => new Promise(() => {}) })
      const controller = new AbortController()

      const pending = city.get(7, { signal: controller.signal })
      controller.abort(new Error('gone'))

      await expect(pending).rejects.toThrow('gone')
    })

    describe('a value from the loader that does not fit', () => {
      const misfit = { load: () => ({ name: 'Lyon', population: 'many' }) }

      it('is an error that says what is wrong, and is not stored', async () => {
        const { city } = cities(misfit)
        const failed = listen('loadError')

        const error = await city.get(7).catch((thrown) => thrown)

        expect(error).toMatchObject({ name: 'HotpathError', code: 'ERR_CACHE_VALUE_INVALID' })
        expect(error.message).toMatch(/^The value of "city:7" does not fit .*: population: /)
        expect(error.cause).toMatchObject([{ path: ['population'] }])
        expect(failed).toMatchObject([{ key: 'city:7', background: false }])
        expect(cache.stats()).toMatchObject({ loads: 1, loadErrors: 1 })
        const next = cities()
        await next.city.get(7)
        expect(next.loads).toEqual([7])
      })

      it('reaches every caller, and the loader runs once', async () => {
        const { city } = cities(misfit)

        const results = await Promise.allSettled([city.get(7), city.get(7), city.get(7)])

        expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
        expect(cache.stats().loads).toBe(1)
      })

      it('lets a stale value stand in by staleIfError', async () => {
        let isBroken = false
        const { city } = cities({
          staleIfError: '1h',
          load: () => (isBroken ? misfit.load() : lyon),
        })
        await city.get(7)
        await city.expire(7)
        isBroken = true

        expect(await city.get(7)).toEqual(lyon)
        await expect(city.refresh(7)).rejects.toMatchObject({ code: 'ERR_CACHE_VALUE_INVALID' })
      })

      it('is refused as well when it would not be stored', async () => {
        const { city } = cities({ ...misfit, ttl: 0 })

        await expect(city.get(7)).rejects.toMatchObject({ code: 'ERR_CACHE_VALUE_INVALID' })
      })

      it('is refused by set(), which changes nothing', async () => {
        const { city, loads } = cities()
        await city.set(7, lyon)

        const pending = city.set(7, { name: 'Lyon' } as never)

        await expect(pending).rejects.toMatchObject({ code: 'ERR_CACHE_VALUE_INVALID' })
        expect(await city.get(7)).toEqual(lyon)
        expect(loads).toEqual([])
      })
    })

    describe('what a schema makes of a value', () => {
      const Event = z.object({
        at: z.string().transform((text) => new Date(text)),
        seats: z.coerce.number(),
        open: z.boolean().default(true),
        title: z.string().transform((text) => `<${text}>`),
      })
      const raw = { at: '2026-11-23T00:00:00.000Z', seats: '12', title: 'Opening', internal: 'x' }
      const made = {
        at: new Date('2026-11-23T00:00:00.000Z'),
        seats: 12,
        open: true,
        title: '<Opening>',
      }

      function events(store: Cache, load: () => typeof raw = () => raw) {
        return store.define('event', { key: String, value: Event, load, staleIfError: '1h' })
      }

      it('is given out, made once for each copy and never of its own outcome', async () => {
        const [first, second] = [events(cache), events(await harness.open())]

        const values = [
          await first.get(1),
          await first.get(1),
          await second.get(1),
          await second.get(1),
        ]

        expect(values).toEqual([made, made, made, made])
      })

      it('is given out of set() as well', async () => {
        const event = events(cache)

        await event.set(1, raw)

        expect(await event.get(1)).toEqual(made)
      })

      it('is given out of values that are not stored', async () => {
        const skipped = cache.define('skipped', {
          key: String,
          value: Event,
          load: (_id, ctx) => {
            ctx.skip()
            return raw
          },
        })

        expect(await skipped.get(1)).toEqual(made)
      })

      it('is frozen', async () => {
        const value = await events(cache).get(1)

        expect(Object.isFrozen(value)).toBe(true)
      })

      it('is made anew, and not twice, of a value that notModified() keeps', async () => {
        const seen: unknown[] = []
        const event = cache.define('event', {
          key: String,
          value: Event,
          staleIfError: '1h',
          load: (_id, ctx) => {
            if (ctx.stale === undefined) return raw
            seen.push(ctx.stale.value)
            return ctx.notModified()
          },
        })
        await event.get(1)
        await event.expire(1)

        expect(await event.get(1)).toEqual(made)
        expect(await event.get(1)).toEqual(made)
        expect(seen).toEqual([made])
      })

      it('may be what could not be stored itself', async () => {
        class Money {
          readonly #cents: number
          constructor(cents: number) {
            this.#cents = cents
          }
          toString(): string {
            return `${this.#cents / 100} EUR`
          }
        }
        const price = (store: Cache) =>
          store.define('price', {
            key: String,
            value: z.number().transform((cents) => new Money(cents)),
            load: () => 150,
          })

        await price(cache).get(1)
        const value = await price(await harness.open()).get(1)

        expect(String(value)).toBe('1.5 EUR')
      })
    })

    describe('an asynchronous schema', () => {
      const asynchronous = City.refine(async ({ population }) => population > 0, 'nobody there')

      it('checks what is loaded, written and read', async () => {
        const { city } = cities({
          value: asynchronous,
          load: (id: number) => ({ ...lyon, population: id }),
        })

        expect(await city.get(7)).toEqual({ ...lyon, population: 7 })
        await expect(city.get(0)).rejects.toThrow('nobody there')
        await expect(city.set(1, { ...lyon, population: 0 })).rejects.toThrow('nobody there')
        expect(await cities({ value: asynchronous }, await harness.open()).city.get(7)).toEqual({
          ...lyon,
          population: 7,
        })
      })
    })

    describe('a check that takes its time', () => {
      function slowCheck() {
        const check = gate<void>()
        const schema: StandardSchema<number> = {
          '~standard': {
            version: 1,
            vendor: 'by hand',
            validate: async (value) => {
              await check.enter()
              return { value: value as number }
            },
          },
        }
        return { check, schema }
      }

      it('of a value that was loaded is overtaken by delete()', async () => {
        const { check, schema } = slowCheck()
        const { city, loads } = cities({ value: schema })
        const pending = city.get(7)
        await check.entered

        await city.delete(7)
        check.open()
        await pending

        await city.get(7)
        expect(loads).toEqual([7, 7])
      })

      if (driver.hasRedis) {
        it('of a value from Redis is overtaken by delete()', async () => {
          const { check, schema } = slowCheck()
          await cities({ value: z.any() }).city.get(7)
          const { city, loads } = cities({ value: schema }, await harness.open())
          const pending = city.get(7)
          await check.entered

          await city.delete(7)
          check.open()
          await pending

          await city.get(7)
          expect(loads).toEqual([7])
        })
      }
    })

    describe('a hand-written Standard Schema', () => {
      function schema(validate: StandardSchema<number, string>['~standard']['validate']) {
        return {
          '~standard': { version: 1, vendor: 'by hand', validate },
        } as const satisfies StandardSchema<number, string>
      }

      it('is all that is needed', async () => {
        const twice = cache.define('twice', {
          key: (id: number) => String(id),
          value: schema((value) => ({ value: `${value}${value}` })),
          load: (id) => id,
        })

        expect([await twice.get(7), await twice.get(7)]).toEqual(['77', '77'])
      })

      it.each<[string, () => never]>([
        [
          'throws',
          () => {
            throw new Error('broken schema')
          },
        ],
        ['rejects', () => Promise.reject(new Error('broken schema')) as never],
      ])('that %s refuses the value', async (_how, validate) => {
        const broken = cache.define('broken', {
          key: String,
          value: schema(validate),
          load: () => 1,
        })

        await expect(broken.get(1)).rejects.toMatchObject({
          code: 'ERR_CACHE_VALUE_INVALID',
          cause: new Error('broken schema'),
        })
      })
    })

    describe('versions side by side', () => {
      const Old = z.object({ name: z.string() })
      const New = z.object({ name: z.string(), country: z.string() })

      async function releases(older = 1, newer = 2) {
        const [one, two] = driver.hasRedis ? [cache, await harness.open()] : [cache, cache]
        const loads: string[] = []
        const load = (release: string) => () => {
          loads.push(release)
          return { name: 'Lyon', country: 'FR' }
        }
        return {
          old: one.define('city', { key: String, value: Old, version: older, load: load('old') }),
          new: two.define('city', { key: String, value: New, version: newer, load: load('new') }),
          loads,
        }
      }

      it('do not read each other’s values, and keep their own', async () => {
        const release = await releases()

        for (let round = 0; round < 3; round += 1) {
          expect(await release.old.get(7)).toEqual({ name: 'Lyon' })
          expect(await release.new.get(7)).toEqual({ name: 'Lyon', country: 'FR' })
        }
        expect(release.loads).toEqual(['old', 'new'])
      })

      it.each(['delete', 'expire', 'set', 'refresh'] as const)(
        '%s() of either reaches the entries of both',
        async (method) => {
          const release = await releases()
          const act = {
            delete: (each: 'old' | 'new') => release[each].delete(7),
            expire: (each: 'old' | 'new') => release[each].expire(7),
            set: (each: 'old' | 'new') => release[each].set(7, { name: 'Paris', country: 'FR' }),
            refresh: (each: 'old' | 'new') => release[each].refresh(7),
          }[method]
          for (const [each, other] of [
            ['old', 'new'],
            ['new', 'old'],
          ] as const) {
            await release.old.get(7)
            await release.new.get(7)
            release.loads.length = 0

            await act(each)

            // The other's memory hears of it within a round trip.
            await waitUntil(async () => {
              await release[other].get(7)
              return release.loads.includes(other)
            }, `${other} loads anew`)
            expect(release.loads).toContain(other)
          }
        },
      )

      it('delete() of one defeats a load of the other that is under way', async () => {
        const load = gate<{ name: string }>()
        const newer = cache.define('city', {
          key: String,
          version: 2,
          load: () => (load.calls === 0 ? load.enter() : { name: 'after' }),
        })
        const older = cache.define('city', { key: String, version: 1, load: () => 'older' })
        const pending = newer.get(7)
        await load.entered

        await older.delete(7)
        load.open({ name: 'before' })

        expect(await pending).toEqual({ name: 'before' })
        expect(await newer.get(7)).toEqual({ name: 'after' })
      })

      it('that share a place still do not read each other’s values', async () => {
        const release = await releases(1, 4)

        for (let round = 0; round < 3; round += 1) {
          expect(await release.old.get(7)).toEqual({ name: 'Lyon' })
          expect(await release.new.get(7)).toEqual({ name: 'Lyon', country: 'FR' })
        }
      })

      it('that share a place are told apart without a schema, too', async () => {
        const store = driver.hasRedis ? await harness.open() : cache
        const old = cache.define('plain', { key: String, version: 1, load: () => 'old' })
        const next = store.define('plain', { key: String, version: 4, load: () => 'new' })

        expect([await old.get(7), await next.get(7), await old.get(7)]).toEqual([
          'old',
          'new',
          'old',
        ])
      })
    })

    it('one name twice is one entry that each checks by its own schema', async () => {
      const strict = z.object({ name: z.string().max(3) })
      const { city } = cities()
      await city.get(7)
      const again = cities({ value: strict, load: () => ({ name: 'Pau' }) })

      expect(await again.city.get(7)).toEqual({ name: 'Pau' })
      expect(await cities().city.get(8)).toEqual({ ...lyon, population: 8 })
      expect(await cities().city.get(8)).toEqual({ ...lyon, population: 8 })
    })

    if (driver.hasRedis) {
      it('a value in Redis that no longer fits is a miss, an event and replaced', async () => {
        const before = cache.define('city', { key: String, load: () => ({ name: 'Lyon' }) })
        await before.get(7)
        const store = await harness.open()
        const rejected = listen('rejected', store)
        const { city, loads } = cities({}, store)

        const value = await city.get(7)

        expect(value.population).toBe(7)
        expect(loads).toEqual([7])
        expect(rejected).toMatchObject([{ key: 'city:7', issues: [{ path: ['population'] }] }])
        const third = cities({}, await harness.open())
        expect((await third.city.get(7)).population).toBe(7)
        expect(third.loads).toEqual([])
      })
    }
  })
}
