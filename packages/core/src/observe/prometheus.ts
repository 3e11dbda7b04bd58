import { type Registry, register } from 'prom-client'
import { z } from 'zod'
import { givenSchema, resolveOptions } from '../base/options.ts'
import { instrumentsOf } from '../cache/instruments.ts'
import type { Cache } from '../cache/types.ts'
import { type AnyRegistry, groupAt } from './metric-group.ts'

export type { AnyRegistry } from './metric-group.ts'

/** Options of {@link collectCacheMetrics}. */
export interface CollectOptions {
  /** @defaultValue prom-client's global `register` */
  registry?: AnyRegistry | undefined
  /** The label `cache` of every series. @defaultValue the cache's `namespace` */
  name?: string | undefined
  /** What names of metrics begin with. @defaultValue `'hotpath_cache_'` */
  prefix?: string | undefined
}

const schema = z.strictObject({
  registry: givenSchema<AnyRegistry>(
    'a Registry of prom-client',
    (input) => typeof (input as Partial<Registry> | null)?.getSingleMetric === 'function',
  ).default(register),
  name: z.string().min(1).max(200).optional(),
  prefix: z
    .string()
    .regex(/^[a-zA-Z_:][a-zA-Z0-9_:]*$/, 'letters, digits, _ and :')
    .default('hotpath_cache_'),
})

/**
 * Has prom-client tell how a cache is doing, in the metrics that docs/observability.md lists; returns
 * what stops it.
 *
 * Counters are read when metrics are collected, so hits cost nothing; each load feeds one histogram.
 * Series are as many as caches are collected, whatever their keys, tags and namespaces. Several
 * caches may share a registry under different names; a name that is taken there throws
 * `ERR_OPTION_INVALID`.
 *
 * @example
 * ```ts
 * import { createCache } from '@hotpath/core'
 * import { collectCacheMetrics } from '@hotpath/core/prometheus'
 * import { Registry } from 'prom-client'
 *
 * const cache = createCache({ namespace: 'shop' })
 * const registry = new Registry()
 * const stop = collectCacheMetrics(cache, { registry })
 * await cache.getOrSet('city:7', () => ({ name: 'Lyon' }))
 * const text = await registry.metrics()
 * console.log(text.includes('hotpath_cache_misses_total{cache="shop"} 1')) // true
 * stop()
 * await cache.close()
 * ```
 */
export function collectCacheMetrics(cache: Cache, options?: CollectOptions): () => void {
  const entryPoint = 'collectCacheMetrics'
  const { registry, name, prefix } = resolveOptions(entryPoint, schema, options)
  const { namespace } = instrumentsOf(entryPoint, cache)
  return groupAt(registry, prefix).add(name ?? namespace, cache)
}
