import type { ServerResponse } from 'node:http'
import type { CacheEntry } from '@hotpath/core'
import { answerRange } from './answer-range.ts'
import type { Asked, StaleReason, Via } from './fields/cache-status.ts'
import type { ResponseSink } from './recording/response-sink.ts'
import { isConditional, isLeftOutOf304, isNotModified } from './rules/precondition.ts'
import { decideReuse, type Reuse } from './rules/reuse.ts'
import type { HitFacts, StoredResponse } from './storing/stored-response.ts'
import type { Visit } from './visit.ts'

/** What there is to know of a stored response and its freshness. */
export type Stored = Pick<CacheEntry<StoredResponse>, 'value' | 'createdAtMs' | 'freshUntilMs'>

/** How old a stored response is (RFC 9111 section 4.2.3). */
export function ageOf({ value, createdAtMs }: Stored, nowMs: number): number {
  return value.parts.initialAgeMs + Math.max(nowMs - createdAtMs, 0)
}

/** What a stored response that fits a request's Vary is good for. */
export function judge<Req, C>(visit: Visit<Req, C>, entry: Stored, nowMs: number): Reuse {
  const { audience } = entry.value.parts
  const { directives } = visit
  const remainingMs = entry.freshUntilMs - nowMs
  // The usual one, with nothing to work out.
  if (audience === 'anyone' && directives === undefined && remainingMs > 0) return 'use'
  const stored = { audience, ageMs: ageOf(entry, nowMs), remainingMs }
  return decideReuse(stored, { credentials: visit.credentials, directives })
}

/** Where a stored response goes, and what the handler has said of it before. */
export interface Errand {
  readonly sink: ResponseSink
  readonly asked: Asked
}

/** Sends a stored response, or the 304 that says that the client has it. */
export function answer<Req, C>(
  visit: Visit<Req, C>,
  entry: Stored,
  via: Via,
  nowMs: number,
  errand?: Errand,
): void {
  const { req, res, headers, policy } = visit
  const stored = entry.value
  const ttlMs = entry.freshUntilMs - nowMs
  const cacheName = policy.options.cacheStatus?.name
  const { statusSuffix: suffix } = visit
  const facts = { ageMs: ageOf(entry, nowMs), ttlMs, via, asked: errand?.asked, cacheName, suffix }
  const sink = errand?.sink ?? res
  const { status, statusMessage } = stored.parts
  if (status === 200 && isConditional(headers) && isNotModified(headers, stored, nowMs)) {
    answer304(res, sink, stored, facts)
    return
  }
  if (visit.isForPart && status === 200 && answerRange(visit, sink, stored, facts)) return
  const head = stored.headOfHit(facts)
  if (statusMessage === '') sink.writeHead(status, head)
  else sink.writeHead(status, statusMessage, head)
  if (req.method === 'HEAD') sink.end()
  else sink.end(stored.body)
}

/** Sends a stored response that is not fresh, and says why. */
export function answerStale<Req, C>(
  visit: Visit<Req, C>,
  entry: Stored,
  reason: StaleReason,
  nowMs: number,
): void {
  visit.port.takeOver(visit.context)
  answer(visit, entry, reason, nowMs)
}

function answer304(
  res: ServerResponse,
  sink: ResponseSink,
  stored: StoredResponse,
  facts: HitFacts,
): void {
  for (const name of res.getHeaderNames()) {
    if (isLeftOutOf304(name, stored.etag !== undefined)) res.removeHeader(name)
  }
  sink.writeHead(304, stored.headOf304(facts))
  sink.end()
}

/** Tells a client that wanted a stored response only that there is none that will do (RFC 9111 section 5.2.1.7). */
export function answer504<Req, C>(visit: Visit<Req, C>): void {
  const { res, policy, port, context, statusSuffix } = visit
  port.takeOver(context)
  const name = policy.options.cacheStatus?.name
  if (name !== undefined) {
    res.setHeader('Cache-Status', `${name}; detail=only-if-cached${statusSuffix}`)
  }
  res.writeHead(504, { 'Content-Length': 0 })
  res.end()
}
