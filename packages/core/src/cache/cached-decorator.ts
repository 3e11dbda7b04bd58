import { z } from 'zod'
import type { Duration } from '../base/duration.ts'
import { invalidOption } from '../base/errors.ts'
import { functionSchema, givenSchema, resolveOptions } from '../base/options.ts'
import { entryFields, tagsSchema, timeoutFields } from './entry-options.ts'
import type { EntryOptions, LoadOptions } from './entry-types.ts'
import type { Cache } from './types.ts'

/** A method that {@link Cached} can be put before. */
export type CachedMethod<This> = (this: This, ...args: never[]) => Promise<unknown>

/** The arguments of a method. */
export type ArgumentsOf<M> = M extends (this: never, ...args: infer A) => unknown ? A : never

/** Options of {@link Cached}. */
export interface CachedOptions<This, M extends CachedMethod<This>>
  extends Omit<EntryOptions, 'tags'> {
  /** Where results are kept, or how to find that on the object that the method is called on. */
  cache: Cache | ((self: This) => Cache)
  /**
   * The key of a call, from its arguments; called on the same object. Arguments that are given one
   * key share one result, and so do all objects of the class unless the key tells them apart.
   */
  key: (this: This, ...args: ArgumentsOf<M>) => string
  /** Tags of each result. */
  tags?:
    | readonly string[]
    | ((this: This, ...args: ArgumentsOf<M>) => readonly string[])
    | undefined
  /** {@link LoadOptions.softTimeout} */
  softTimeout?: Duration | undefined
  /** {@link LoadOptions.hardTimeout} */
  hardTimeout?: Duration | undefined
}

type AnyFunction<R> = (this: unknown, ...args: unknown[]) => R

const cachedSchema = z.strictObject({
  ...entryFields,
  ...timeoutFields,
  cache: givenSchema<Cache | ((self: unknown) => Cache)>(
    'a cache, or a function that gives one',
    (input) => typeof input === 'function' || isCache(input),
  ),
  key: functionSchema<AnyFunction<string>>(),
  tags: z.union([tagsSchema, functionSchema<AnyFunction<readonly string[]>>()]).optional(),
})

/**
 * A standard (TC39) decorator: calls of the method go through a cache, by the key that `key` gives
 * their arguments. Works for static and private methods as well; the method must be asynchronous.
 *
 * Wrong options, and use on anything but a method, throw `ERR_OPTION_INVALID` where the class is
 * defined. TypeScript's older `experimentalDecorators` must be off.
 *
 * @example
 * ```ts
 * import { Cached, createCache } from '@hotpath/core'
 *
 * const cache = createCache()
 *
 * class Cities {
 *   @Cached({ cache, key: (id) => `city:${id}`, ttl: '5m', tags: (id) => [`city:${id}`] })
 *   async find(id: number): Promise<{ name: string }> {
 *     return { name: `City ${id}` }
 *   }
 * }
 *
 * console.log(await new Cities().find(7)) // { name: 'City 7' }
 * await cache.deleteByTag('city:7')
 * await cache.close()
 * ```
 */
export function Cached<This, M extends CachedMethod<This>>(
  options: CachedOptions<This, M>,
): (method: M, context: ClassMethodDecoratorContext<This>) => M {
  const { cache, key, tags = [] } = resolveOptions('@Cached', cachedSchema, options)
  const load = loadOptionsOf(options)
  return (method, context) => {
    requireMethod(method, context)
    // The casts: a function is called with the arguments that it has been given types for.
    const call = method as unknown as AnyFunction<Promise<unknown>>
    function cached(this: unknown, ...args: unknown[]): Promise<unknown> {
      try {
        const store = typeof cache === 'function' ? cache(this) : cache
        return store.getOrSet(
          key.apply(this, args),
          (loading) => {
            loading.addTags(...(typeof tags === 'function' ? tags.apply(this, args) : tags))
            return call.apply(this, args)
          },
          load,
        )
      } catch (error) {
        return Promise.reject(error)
      }
    }
    return cached as unknown as M
  }
}

/** What `getOrSet` is to be told; `undefined` when that is nothing, which costs it least. */
function loadOptionsOf(options: Omit<LoadOptions, 'tags'>): LoadOptions | undefined {
  const names = [...Object.keys(entryFields), ...Object.keys(timeoutFields)]
  const given = Object.entries(options).filter(([name]) => names.includes(name))
  return given.length === 0 ? undefined : Object.fromEntries(given)
}

function requireMethod(method: unknown, context: unknown): void {
  const kind = typeof context === 'object' && context !== null && 'kind' in context && context.kind
  if (kind === 'method' && typeof method === 'function') return
  const found = typeof kind === 'string' ? kind : 'a decorator of experimentalDecorators'
  throw invalidOption('@Cached', found, 'a method of a class')
}

function isCache(input: unknown): boolean {
  if (typeof input !== 'object' || input === null) return false
  return typeof (input as Partial<Cache>).getOrSet === 'function'
}
