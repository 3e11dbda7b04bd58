import type {
  Attributes,
  BatchObservableResult,
  Meter,
  MetricOptions,
  Observable,
} from '@opentelemetry/api'
import { invalidOption } from '../base/errors.ts'
import type { Cache } from '../cache/types.ts'
import { LOAD_DURATION, METRICS, type Metric } from './metrics.ts'

const PREFIX = 'hotpath.cache.'

/** What every instrument tells of a cache. */
export interface CacheAttributes extends Attributes {
  readonly 'hotpath.cache.name': string
}

/** Names that caches have at each meter: two of one name would overwrite each other's figures. */
const taken = new WeakMap<Meter, Set<string>>()

/** Has a meter tell of a cache; returns what stops it. */
export function observeCache(meter: Meter, cache: Cache, about: CacheAttributes): () => void {
  const giveBack = take(meter, about['hotpath.cache.name'])
  const instruments = METRICS.map((metric) => ({ metric, observable: create(meter, metric) }))
  const observables = instruments.map(({ observable }) => observable)
  const observe = (result: BatchObservableResult): void => {
    const stats = cache.stats()
    const health = cache.health()
    for (const { metric, observable } of instruments) {
      for (const { label, value } of metric.read(stats, health)) {
        result.observe(observable, value, attributesOf(about, metric, label))
      }
    }
  }
  meter.addBatchObservableCallback(observe, observables)
  const stopListening = recordDurations(meter, cache, about)
  return () => {
    stopListening()
    meter.removeBatchObservableCallback(observe, observables)
    giveBack()
  }
}

function recordDurations(meter: Meter, cache: Cache, about: CacheAttributes): () => void {
  const { name, help, unit, buckets } = LOAD_DURATION
  const durations = meter.createHistogram(PREFIX + name, {
    description: help,
    unit,
    advice: { explicitBucketBoundaries: [...buckets] },
  })
  return cache.on('load', ({ durationMs }) => durations.record(durationMs / 1_000, about))
}

function create(meter: Meter, { name, help, unit, kind }: Metric): Observable {
  const options: MetricOptions = { description: help, unit }
  if (kind === 'counter') return meter.createObservableCounter(PREFIX + name, options)
  if (kind === 'level') return meter.createObservableUpDownCounter(PREFIX + name, options)
  return meter.createObservableGauge(PREFIX + name, options)
}

function attributesOf(
  about: CacheAttributes,
  metric: Metric,
  label: string | undefined,
): Attributes {
  return label === undefined ? about : { ...about, [`${PREFIX}${metric.label}`]: label }
}

function take(meter: Meter, name: string): () => void {
  const names = taken.get(meter) ?? new Set()
  if (names.has(name)) {
    throw invalidOption(
      'instrumentCache: name',
      name,
      'a name that no other cache has at this meter',
    )
  }
  taken.set(meter, names.add(name))
  let isTaken = true
  return () => {
    if (isTaken) names.delete(name)
    isTaken = false
  }
}
