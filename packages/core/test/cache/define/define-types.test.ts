import { expectTypeOf, it } from 'vitest'
import { z } from 'zod'
import { type CacheEntry, createCache, type Definition } from '../../../src/index.ts'

const cache = createCache()

it('takes the types of a schema’s two sides', () => {
  const value = z.object({
    at: z.string().transform((text) => new Date(text)),
    open: z.boolean().default(true),
  })
  const event = cache.define('event', {
    key: (id: number) => String(id),
    value,
    tags: (id) => {
      expectTypeOf(id).toEqualTypeOf<number>()
      return []
    },
    load: (id, ctx) => {
      expectTypeOf(id).toEqualTypeOf<number>()
      expectTypeOf(ctx.stale).toEqualTypeOf<CacheEntry<{ at: Date; open: boolean }> | undefined>()
      expectTypeOf(ctx.notModified()).toEqualTypeOf<z.input<typeof value>>()
      return { at: '2026-11-23' }
    },
    loadMany: (ids, { of }) => {
      expectTypeOf(ids).toEqualTypeOf<readonly number[]>()
      expectTypeOf(of).parameter(0).toEqualTypeOf<number>()
      return new Map([[7, { at: '2026-11-23' }]])
    },
  })

  expectTypeOf(event).toEqualTypeOf<
    Definition<number, z.output<typeof value>, z.input<typeof value>>
  >()
  expectTypeOf(event.get).parameter(0).toEqualTypeOf<number>()
  expectTypeOf(event.get).returns.resolves.toEqualTypeOf<{ at: Date; open: boolean }>()
  expectTypeOf(event.getMany).returns.resolves.toEqualTypeOf<{ at: Date; open: boolean }[]>()
  expectTypeOf(event.peek).returns.toEqualTypeOf<{ at: Date; open: boolean } | undefined>()
  expectTypeOf(event.set).parameter(1).toEqualTypeOf<{ at: string; open?: boolean | undefined }>()
})

it('takes the type of a value without a schema from its loader', () => {
  const one = cache.define('one', { key: (id: number) => String(id), load: async (id) => ({ id }) })
  const withContext = cache.define('two', {
    key: String,
    load: async (_id: string, ctx) => (ctx.stale ? ctx.notModified() : { at: new Date() }),
  })

  expectTypeOf(one).toEqualTypeOf<Definition<number, { id: number }>>()
  expectTypeOf(withContext.get).returns.resolves.toEqualTypeOf<{ at: Date }>()
})

it('knows that a Map may lack ids', () => {
  const key = (id: number) => String(id)
  const inOrder = cache.define('one', { key, loadMany: async (ids) => ids.map((id) => `${id}`) })
  const byId = cache.define('two', { key, loadMany: async (ids) => new Map([[ids[0] ?? 0, 'a']]) })

  expectTypeOf(inOrder).toEqualTypeOf<Definition<number, string>>()
  expectTypeOf(byId).toEqualTypeOf<Definition<number, string | undefined>>()
})

it('takes the type of a key from a schema', () => {
  const one = cache.define('one', { key: z.number().int(), load: (id) => id + 1 })
  const two = cache.define('two', {
    key: z.coerce.number<string>(),
    value: z.string(),
    load: (id) => id,
  })

  expectTypeOf(one).toEqualTypeOf<Definition<number, number>>()
  expectTypeOf(two.get).parameter(0).toEqualTypeOf<string>()
})

it('refuses what does not fit together', () => {
  const key = (id: number) => String(id)
  const value = z.object({ name: z.string() })
  const misuse = (): void => {
    // @ts-expect-error The loader gives something else than the schema takes.
    cache.define('city', { key, value, load: () => ({ name: 7 }) })
    // @ts-expect-error The loader wants another id than the key.
    cache.define('city', { key, value, load: (id: string) => ({ name: id }) })
    // @ts-expect-error There is no such option.
    cache.define('city', { key, load: () => 7, tll: '5m' })
    const city = cache.define('city', { key, value, load: () => ({ name: 'Lyon' }) })
    // @ts-expect-error Its ids are numbers.
    void city.get('7')
    // @ts-expect-error No such value.
    void city.set(7, 'Lyon')
  }

  expectTypeOf(misuse).returns.toEqualTypeOf<void>()
})
