import type { ServerResponse } from 'node:http'
import type { CacheEntry } from '@hotpath/core'
import type { Via } from './fields/cache-status.ts'
import { isConditional, isLeftOutOf304, isNotModified } from './rules/precondition.ts'
import { decideReuse, type Reuse } from './rules/reuse.ts'
import type { HitFacts, StoredResponse } from './storing/stored-response.ts'
import type { Visit } from './visit.ts'

/** How old a stored response is (RFC 9111 section 4.2.3). */
function ageOf(entry: CacheEntry<StoredResponse>, nowMs: number): number {
  return entry.value.parts.initialAgeMs + Math.max(nowMs - entry.createdAtMs, 0)
}

/** What a fresh stored response that fits a request's Vary is good for. */
export function judge<Req, C>(
  visit: Visit<Req, C>,
  entry: CacheEntry<StoredResponse>,
  nowMs: number,
): Reuse {
  const { audience } = entry.value.parts
  const { directives } = visit
  // The usual one, with nothing to work out.
  if (audience === 'anyone' && directives === undefined) return 'use'
  const stored = { audience, ageMs: ageOf(entry, nowMs), remainingMs: entry.freshUntilMs - nowMs }
  return decideReuse(stored, { credentials: visit.credentials, directives })
}

/** Sends a stored response, or the 304 that says that the client has it. */
export function answer<Req, C>(
  { req, res, headers, policy }: Visit<Req, C>,
  entry: CacheEntry<StoredResponse>,
  via: Via,
  nowMs: number,
): void {
  const stored = entry.value
  const ttlMs = Math.max(entry.freshUntilMs - nowMs, 0)
  const cacheName = policy.options.cacheStatus
  const facts = { ageMs: ageOf(entry, nowMs), ttlMs, via, cacheName }
  const { status, statusMessage } = stored.parts
  if (status === 200 && isConditional(headers) && isNotModified(headers, stored, nowMs)) {
    answer304(res, stored, facts)
    return
  }
  const head = stored.headOfHit(facts)
  if (statusMessage === '') res.writeHead(status, head)
  else res.writeHead(status, statusMessage, head)
  if (req.method === 'HEAD') res.end()
  else res.end(stored.body)
}

function answer304(res: ServerResponse, stored: StoredResponse, facts: HitFacts): void {
  for (const name of res.getHeaderNames()) {
    if (isLeftOutOf304(name, stored.etag !== undefined)) res.removeHeader(name)
  }
  res.writeHead(304, stored.headOf304(facts))
  res.end()
}

/** Tells a client that wanted a stored response only that there is none (RFC 9111 section 5.2.1.7). */
export function answer504(res: ServerResponse, cacheName: string | undefined): void {
  if (cacheName !== undefined) res.setHeader('Cache-Status', `${cacheName}; detail=only-if-cached`)
  res.writeHead(504, { 'Content-Length': 0 })
  res.end()
}
