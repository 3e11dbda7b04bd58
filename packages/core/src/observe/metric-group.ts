import {
  Counter,
  Gauge,
  Histogram,
  type OpenMetricsContentType,
  type PrometheusContentType,
  type Metric as PrometheusMetric,
  type Registry,
} from 'prom-client'
import { HotpathError, invalidOption } from '../base/errors.ts'
import type { Cache } from '../cache/types.ts'
import { LOAD_DURATION, METRICS, type Metric } from './metrics.ts'

/** Any registry of prom-client. */
export type AnyRegistry = Registry<PrometheusContentType> | Registry<OpenMetricsContentType>

type Labels = Record<string, string>
type Write = (labels: Labels, value: number) => void

/** The group that a metric belongs to: a registry knows its metrics, and nothing of groups. */
const groups = new WeakMap<object, MetricGroup>()

/** The metrics of a prefix in a registry, made when they are not there yet. */
export function groupAt(registry: AnyRegistry, prefix: string): MetricGroup {
  const known = registry.getSingleMetric(prefix + histogramName())
  const group = known && groups.get(known)
  return group ?? new MetricGroup(registry, prefix)
}

/** The metrics of one prefix in one registry, and the caches that they tell of. */
class MetricGroup {
  readonly #registry: AnyRegistry
  readonly #caches = new Map<string, Cache>()
  readonly #made = new Map<string, PrometheusMetric>()
  readonly #durations: Histogram<'cache'>

  constructor(registry: AnyRegistry, prefix: string) {
    this.#registry = registry
    try {
      for (const metric of METRICS) {
        const name = prefix + prometheusName(metric)
        this.#made.set(name, this.#create(metric, name))
      }
      this.#durations = this.#createHistogram(prefix + histogramName())
    } catch (cause) {
      this.#remove()
      throw takenPrefix(prefix, cause as Error)
    }
    groups.set(this.#durations, this)
  }

  /** Tells of a cache from now on; returns what stops it. */
  add(name: string, cache: Cache): () => void {
    if (this.#caches.has(name)) {
      const wanted = 'a name that no other cache has at this registry'
      throw invalidOption('collectCacheMetrics: name', name, wanted)
    }
    this.#caches.set(name, cache)
    this.#durations.zero({ cache: name })
    const stopListening = cache.on('load', ({ durationMs }) => {
      this.#durations.observe({ cache: name }, durationMs / 1_000)
    })
    return () => {
      stopListening()
      if (this.#caches.get(name) !== cache) return
      this.#caches.delete(name)
      this.#durations.remove({ cache: name })
      if (this.#caches.size === 0) this.#remove()
    }
  }

  #create(metric: Metric, name: string): PrometheusMetric {
    const labelNames = metric.label === undefined ? ['cache'] : ['cache', metric.label]
    const about = { name, help: metric.help, labelNames, registers: [this.#registry] }
    const collect = (write: Write): void => this.#collect(metric, write)
    if (metric.kind === 'counter') {
      return new Counter({
        ...about,
        collect() {
          this.reset()
          collect((labels, value) => this.inc(labels, value))
        },
      })
    }
    return new Gauge({
      ...about,
      // How prom-client joins those of several processes.
      aggregator: metric.kind === 'flag' ? 'min' : 'sum',
      collect() {
        this.reset()
        collect((labels, value) => this.set(labels, value))
      },
    })
  }

  #createHistogram(name: string): Histogram<'cache'> {
    const { help, buckets } = LOAD_DURATION
    const histogram = new Histogram({
      name,
      help,
      labelNames: ['cache'],
      buckets: [...buckets],
      registers: [this.#registry],
    })
    this.#made.set(name, histogram)
    return histogram
  }

  #collect({ label, read }: Metric, write: Write): void {
    for (const [cache, source] of this.#caches) {
      for (const sample of read(source.stats(), source.health())) {
        write(
          label === undefined ? { cache } : { cache, [label]: sample.label ?? '' },
          sample.value,
        )
      }
    }
  }

  #remove(): void {
    for (const [name, metric] of this.#made) {
      if (this.#registry.getSingleMetric(name) === metric) this.#registry.removeSingleMetric(name)
    }
  }
}

function histogramName(): string {
  return prometheusName({ ...LOAD_DURATION, kind: 'histogram' })
}

/** As OpenTelemetry's exporter for Prometheus would write it. */
function prometheusName({
  name,
  kind,
  unit,
}: {
  name: string
  kind: string
  unit: string
}): string {
  const words = name.replaceAll('.', '_')
  if (kind === 'counter') return `${words}_total`
  return words + (UNITS[unit] ?? '')
}

const UNITS: Record<string, string | undefined> = { By: '_bytes', s: '_seconds' }

function takenPrefix(prefix: string, cause: Error): HotpathError {
  const found = `found ${JSON.stringify(prefix)}, wanted one that is free at this registry`
  return new HotpathError(
    'ERR_OPTION_INVALID',
    `collectCacheMetrics: prefix: ${found} (${cause.message})`,
    { cause },
  )
}
