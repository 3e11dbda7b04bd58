/**
 * What a response says of its limits (draft-ietf-httpapi-ratelimit-headers-10), or `undefined`:
 * `RateLimit-Policy: "burst";q=10;w=10` and `RateLimit: "burst";r=7;t=4`.
 */
export function readLimits(headers) {
  const policies = headers.get('RateLimit-Policy')
  const state = headers.get('RateLimit')
  if (policies === null || state === null) return undefined
  const now = parseItems(state)
  return [...parseItems(policies)].map(([name, { q, w }]) => ({
    name,
    limit: q,
    windowMs: 1000 * w,
    left: now.get(name)?.r ?? 0,
    resetMs: 1000 * (now.get(name)?.t ?? 0),
  }))
}

/** Milliseconds until it is worth asking again; `undefined` for answers that refuse nothing. */
export function readRetryMs(headers) {
  const seconds = headers.get('Retry-After')
  return seconds === null ? undefined : 1000 * Number(seconds)
}

/** The items of a list by name, each with its parameters: as much of RFC 9651 as these fields use. */
function parseItems(field) {
  return new Map(
    field.split(',').map((item) => {
      const [name, ...parameters] = item.trim().split(';')
      const values = parameters.map((parameter) => parameter.split('='))
      return [
        name.replaceAll('"', ''),
        Object.fromEntries(values.map(([key, value]) => [key, Number(value)])),
      ]
    }),
  )
}
