import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Cache, createCache, type Invalidated } from '@hotpath/core'
import { invalidOption, resolveOptions } from '@hotpath/core/base'
import { z } from 'zod'
import { BackgroundRuns } from './background/background-runs.ts'
import { CachedRoute } from './cached-route.ts'
import { DevelopmentWarnings } from './development-warnings.ts'
import { FirstHearing } from './first-hearing.ts'
import type { FrameworkPort } from './framework-port.ts'
import { prefixTag, urlTag } from './keys/purge-tags.ts'
import type { RoutedMessage } from './keys/request-target.ts'
import { LiveResponses } from './live-responses.ts'
import type { ResponseCacheOptions, RouteCacheOptions } from './options.ts'
import { resolveRouteOptions, type StoreOptions, splitOptions } from './options-schema.ts'
import { createRoutePolicy } from './route-policy.ts'
import type { RouteTools } from './route-tools.ts'
import { HitForMiss } from './storing/hit-for-miss.ts'
import { KnownVary } from './storing/known-vary.ts'
import { responseSerializer } from './storing/response-serializer.ts'
import { VariantLimit } from './storing/variant-limit.ts'

/** What {@link ResponseCache.purge} removes. Several of a kind go in one call. */
export type PurgeTarget =
  /** What is stored for a URL, in all variants and partitions and on all hosts: a path with its query, or a whole URL. */
  | { url: string | readonly string[] }
  /** What carries a tag. */
  | { tag: string | readonly string[] }
  /** What is stored at a path or below it, whatever the query: whole segments, the first four of which count. */
  | { prefix: string | readonly string[] }

/** How {@link ResponseCache.purge} removes. */
export interface PurgeOptions {
  /** Makes stale instead of removing. @defaultValue false */
  soft?: boolean | undefined
}

const purgeSchema: z.ZodType<{ soft: boolean }> = z.strictObject({
  soft: z.boolean().default(false),
})

/** The cache of one route, as an adapter uses it. */
export interface RouteCache<Req> {
  /** Answers a request, or lets it proceed to the handler. What the options' functions throw goes to `port.fail`. */
  handle<C>(
    port: FrameworkPort<C>,
    context: C,
    request: Req,
    req: RoutedMessage,
    res: ServerResponse,
  ): void
}

/**
 * Where an app's responses are kept, for as many middlewares, plugins and handlers as share it. Made
 * by {@link createResponseCache}.
 */
export interface ResponseCache<Req = IncomingMessage> {
  readonly kind: 'hotpath-response-cache'
  /**
   * Removes responses everywhere: once it resolves, none of them is served again, and no handler run
   * that began before can bring one back.
   *
   * `soft` makes them stale instead: they may still be served by staleWhileRevalidate and
   * staleIfError, where there is either. Everything at once, which is the prefix `/`, only goes hard.
   *
   * Throws `ERR_OPTION_INVALID` for a target that is none.
   */
  purge(target: PurgeTarget, options?: PurgeOptions): Promise<Invalidated>
  /** The cache of one route, for adapters: this cache's options with those given here in their place. */
  route(options?: RouteCacheOptions<Req>, entryPoint?: string): RouteCache<Req>
  /** Closes the cache if it was made here, and does nothing to one that was given. */
  close(): Promise<void>
}

/**
 * Makes a response cache to be shared and purged.
 *
 * Wrong options throw `ERR_OPTION_INVALID`, naming the option, what was found and what was wanted.
 *
 * @example
 * ```ts
 * const responses = createResponseCache({ ttl: '30s' })
 * app.use(cacheMiddleware(responses))
 * await responses.purge({ tag: 'city:7' })
 * ```
 */
export function createResponseCache<Req = IncomingMessage>(
  options?: ResponseCacheOptions<Req>,
  entryPoint = 'createResponseCache',
): ResponseCache<Req> {
  const { store: storeOptions, routes } = splitOptions(entryPoint, options)
  // Checked now, though it is asked for only when a route wants it.
  resolveRouteOptions(entryPoint, routes, undefined)
  const { cache, isOurs } = openCache(storeOptions)
  const { earlyRefresh: earlyBeta } = storeOptions
  const store = cache.namespace('http', {
    serializer: responseSerializer,
    ttl: 0,
    staleWhileRevalidate: 0,
    staleIfError: 0,
    jitter: 0,
    earlyRefresh: earlyBeta > 0 && { beta: earlyBeta },
  })
  const purgeTags = (tags: readonly string[]): Promise<Invalidated> => store.deleteByTag(...tags)
  const tools: RouteTools = {
    store,
    clock: storeOptions.clock,
    hitForMiss: new HitForMiss(),
    unshared: new HitForMiss(),
    variants: new VariantLimit(),
    knownVary: new KnownVary(),
    firstHearing: new FirstHearing(cache, storeOptions.clock),
    earlyBeta,
    warnings: new DevelopmentWarnings(process.env.NODE_ENV !== 'production'),
    lives: new LiveResponses(),
    runs: new BackgroundRuns(storeOptions.clock),
    purgeUrls: (urls) => void purgeTags(urls.map(urlTag)),
  }
  return {
    kind: 'hotpath-response-cache',
    async purge(target, options) {
      const { soft } = resolveOptions('purge', purgeSchema, options)
      const tags = tagsOf(target)
      if (tags === 'all' && soft) throw invalidOption('purge', target, 'less than all for soft')
      if (tags === 'all') return store.clear()
      return soft ? store.expireByTag(...tags) : purgeTags(tags)
    },
    route: (own, caller = entryPoint) =>
      new CachedRoute(tools, createRoutePolicy(resolveRouteOptions(caller, routes, own))),
    close: () => (isOurs ? cache.close() : Promise.resolve()),
  }
}

/** Whether what an adapter was given is a response cache rather than options for one. */
export function isResponseCache<Req>(
  input: ResponseCache<Req> | ResponseCacheOptions<Req> | undefined,
): input is ResponseCache<Req> {
  return typeof input === 'object' && input !== null && Reflect.get(input, 'kind') === KIND
}

/** Throws `ERR_OPTION_INVALID` for a `responseCache` that is none, in the name of `entryPoint`. For adapters. */
export function checkResponseCache(given: unknown, entryPoint: string): void {
  if (isResponseCache(given as ResponseCache)) return
  throw invalidOption(`${entryPoint}: responseCache`, given, 'one made by createResponseCache()')
}

const KIND: ResponseCache['kind'] = 'hotpath-response-cache'

function openCache({ cache, redis, memory, namespace, clock }: StoreOptions): {
  cache: Cache
  isOurs: boolean
} {
  if (cache !== undefined) return { cache, isOurs: false }
  return { cache: createCache({ redis, memory, namespace, clock }), isOurs: true }
}

function tagsOf(target: PurgeTarget): readonly string[] | 'all' {
  const entries = typeof target === 'object' && target !== null ? Object.entries(target) : []
  const [[kind, given] = ['', undefined]] = entries
  const texts = typeof given === 'string' ? [given] : given
  const isReadable =
    entries.length === 1 && Array.isArray(texts) && texts.every((text) => isText(text))
  if (!isReadable) throw invalidOption('purge', target, WANTED)
  if (kind === 'url') return texts.map(urlTag)
  if (kind === 'tag') return texts
  if (kind !== 'prefix') throw invalidOption('purge', target, WANTED)
  const tags = texts.map(prefixTag)
  return tags.includes(undefined) ? 'all' : tags.filter((tag) => tag !== undefined)
}

const WANTED = '{ url }, { tag } or { prefix }, with text that is not empty or a list of such'

function isText(text: unknown): boolean {
  return typeof text === 'string' && text !== ''
}
