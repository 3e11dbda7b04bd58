import { type Meter, metrics, type Tracer } from '@opentelemetry/api'
import { z } from 'zod'
import { givenSchema, resolveOptions } from '../base/options.ts'
import { instrumentsOf } from '../cache/instruments.ts'
import type { Cache } from '../cache/types.ts'
import { observeCache } from './observe-cache.ts'
import { traceLoads } from './trace-loads.ts'

/** Options of {@link instrumentCache}. */
export interface InstrumentOptions {
  /** @defaultValue `metrics.getMeter('@hotpath/core')` of the global meter provider */
  meter?: Meter | undefined
  /** Makes a span of each load. @defaultValue none: no spans */
  tracer?: Tracer | undefined
  /** The attribute `hotpath.cache.name` of all that is told. @defaultValue the cache's `namespace` */
  name?: string | undefined
  /** Puts keys into spans, as `hotpath.cache.keys`. They may tell of people. @defaultValue `false` */
  recordKeys?: boolean | undefined
}

const schema = z.strictObject({
  meter: givenSchema<Meter>('a Meter', (input) => hasMethod(input, 'createObservableCounter'))
    .optional()
    .transform((meter) => meter ?? metrics.getMeter('@hotpath/core')),
  tracer: givenSchema<Tracer>('a Tracer', (input) => hasMethod(input, 'startSpan')).optional(),
  name: z.string().min(1).max(200).optional(),
  recordKeys: z.boolean().default(false),
})

/**
 * Has OpenTelemetry tell how a cache is doing, in the instruments that docs/observability.md lists,
 * and with a `tracer` trace its loads; returns what stops it.
 *
 * Instruments are read when metrics are exported, so hits cost nothing; each load feeds one
 * histogram. Attributes are as many as caches are instrumented, whatever their keys, tags and
 * namespaces. A name that is taken at the meter throws `ERR_OPTION_INVALID`. Without a `meter` the
 * SDK is to be started first, for the global provider's meters do not change afterwards.
 *
 * @example
 * ```ts
 * import { createCache } from '@hotpath/core'
 * import { instrumentCache } from '@hotpath/core/opentelemetry'
 * import { trace } from '@opentelemetry/api'
 *
 * const cache = createCache({ namespace: 'shop' })
 * const stop = instrumentCache(cache, { tracer: trace.getTracer('shop') })
 * console.log(await cache.getOrSet('city:7', () => 'Lyon')) // Lyon
 * stop()
 * await cache.close()
 * ```
 */
export function instrumentCache(cache: Cache, options?: InstrumentOptions): () => void {
  const entryPoint = 'instrumentCache'
  const { meter, tracer, name, recordKeys } = resolveOptions(entryPoint, schema, options)
  const { namespace, loads } = instrumentsOf(entryPoint, cache)
  const attributes = { 'hotpath.cache.name': name ?? namespace }
  const stopObserving = observeCache(meter, cache, attributes)
  const stopTracing = tracer && loads.add(traceLoads(tracer, attributes, recordKeys))
  return () => {
    stopObserving()
    stopTracing?.()
  }
}

function hasMethod(input: unknown, name: string): boolean {
  return typeof (input as Record<string, unknown> | null)?.[name] === 'function'
}
