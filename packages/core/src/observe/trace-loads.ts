import { type Attributes, type Span, SpanStatusCode, type Tracer, trace } from '@opentelemetry/api'
import type { AroundLoad, LoadInfo } from '../cache/load-hooks.ts'

const NAME = 'hotpath.cache.load'

/**
 * A span around each call of a loader, in which what the loader does is traced too: its query is the
 * span's child. A refresh in the background is not part of the request that happened to find the
 * entry stale, and may outlive it: its span is a root, linked to that request's.
 */
export function traceLoads(tracer: Tracer, about: Attributes, recordKeys: boolean): AroundLoad {
  return (info, load) => {
    const attributes = { ...about, ...describe(info), ...(recordKeys ? keysOf(info) : {}) }
    const context = trace.getActiveSpan()?.spanContext()
    const isDetached = info.isBackground && context !== undefined
    const options = isDetached ? { attributes, root: true, links: [{ context }] } : { attributes }
    return tracer.startActiveSpan(NAME, options, (span) => endWith(span, load))
  }
}

/** Runs a load and ends its span with it. */
function endWith<T>(span: Span, load: () => T | Promise<T>): T | Promise<T> {
  const fail = (error: unknown): never => {
    span.recordException(error instanceof Error ? error : String(error))
    span.setAttribute('error.type', error instanceof Error ? error.name : typeof error)
    span.setStatus({ code: SpanStatusCode.ERROR })
    span.end()
    throw error
  }
  const succeed = (value: T): T => {
    span.end()
    return value
  }
  let loading: T | Promise<T>
  try {
    loading = load()
  } catch (error) {
    return fail(error)
  }
  return isThenable(loading) ? Promise.resolve(loading).then(succeed, fail) : succeed(loading)
}

function describe({ keys, isBackground }: LoadInfo): Attributes {
  return { 'hotpath.cache.load.keys': keys.length, 'hotpath.cache.load.background': isBackground }
}

function keysOf({ keys }: LoadInfo): Attributes {
  return { 'hotpath.cache.keys': [...keys] }
}

/** A query builder is no Promise, and begins when somebody asks it for its result. */
function isThenable<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return typeof (value as Partial<PromiseLike<T>> | null | undefined)?.then === 'function'
}
