import { readLimits, readRetryMs } from './limit-fields.js'

/**
 * Sends one request and reads from the answer's fields what the cache did.
 *
 * `kind` is `memory` or `redis` for a hit in that tier, `miss`, `refused` for too many requests, or
 * `other` where no cache was asked.
 */
export async function ask(method, path, body) {
  const start = performance.now()
  const response = await fetch(path, {
    method,
    // Neither the browser's own cache nor any cookie has a say here: the answers are everyone's.
    cache: 'no-store',
    credentials: 'omit',
    ...(body && { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } }),
  })
  const answer = await response.json()
  const browserMs = performance.now() - start
  return {
    method,
    path,
    status: response.status,
    answer,
    kind: kindOf(response),
    limits: readLimits(response.headers),
    retryMs: readRetryMs(response.headers),
    serverMs: readServerMs(response.headers.get('Server-Timing')) ?? browserMs,
    browserMs,
  }
}

function kindOf({ ok, status, headers }) {
  if (status === 429) return 'refused'
  return ok ? readKind(headers.get('Cache-Status')) : 'other'
}

/** RFC 9211: `name; hit; detail=memory`, `name; fwd=uri-miss`, or `name; fwd=method`. */
function readKind(field) {
  if (field === null) return 'other'
  const parameters = field.split(';').map((part) => part.trim())
  if (!parameters.includes('hit')) return parameters.some(isMiss) ? 'miss' : 'other'
  return parameters.some((parameter) => /^detail="?redis/i.test(parameter)) ? 'redis' : 'memory'
}

function isMiss(parameter) {
  return parameter.startsWith('fwd=') && parameter.endsWith('miss')
}

/** Milliseconds inside the server, without the way there and back. */
function readServerMs(field) {
  const [, ms] = /app;dur=([\d.]+)/.exec(field ?? '') ?? []
  return ms === undefined ? undefined : Number(ms)
}
