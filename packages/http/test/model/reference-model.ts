/**
 * RFC 9111 in the fewest words, independent of the rules under test: which answers a shared cache
 * must not give, and which it should give without asking.
 */

/** What an origin says of a response, as the model's world knows it. */
export interface Said {
  readonly status: number
  readonly maxAge?: number
  readonly sMaxAge?: number
  readonly flags: ReadonlySet<Flag>
  readonly staleIfError?: number
  readonly staleWhileRevalidate?: number
  readonly age?: number
  readonly etag?: string
  readonly vary?: 'x-a' | '*'
}

export type Flag =
  | 'no-store'
  | 'no-cache'
  | 'private'
  | 'public'
  | 'must-revalidate'
  | 'proxy-revalidate'

/** A request, as far as it matters. */
export interface Asked {
  readonly method: 'GET' | 'HEAD' | 'POST'
  readonly xA: string | undefined
  readonly isAuthorized: boolean
}

/** A response that an origin has given, in its order. */
export interface Given {
  readonly id: number
  readonly path: string
  readonly asked: Asked
  readonly said: Said
  readonly atMs: number
  /** By a 304 later on: when, to whom, and what it said. */
  confirmed?: { atMs: number; asked: Asked; said: Said } | undefined
  /** Something has invalidated it. */
  isGone: boolean
  /** The cache has said that it stored it. */
  isStored: boolean
}

/** What the origin did while one request was answered. */
export type Origin = 'not asked' | 'failed' | 'confirmed' | 'answered'

/** Why a stored response must not have answered a request; `undefined` when it may. */
export function whyNot(
  given: Given,
  asked: Asked,
  nowMs: number,
  origin: Origin,
): string | undefined {
  const { said, confirmed } = given
  const last = confirmed?.said ?? said
  if (asked.method === 'POST') return 'a POST is never answered from a cache'
  if (given.asked.method !== 'GET') return 'only answers to GET are stored'
  if (given.isGone) return 'it was invalidated'
  if (said.flags.has('no-store')) return 'no-store'
  if (said.flags.has('private')) return 'private'
  if (said.status >= 500 && said.maxAge === undefined && said.sMaxAge === undefined)
    return 'a failure'
  if (last.vary === '*') return 'Vary: *'
  const { xA } = confirmed?.asked ?? given.asked
  if (last.vary === 'x-a' && xA !== asked.xA) return 'Vary'
  const isForAll = canShareAuthorized(last)
  if (asked.isAuthorized && !isForAll) return 'the request carries Authorization'
  if (given.asked.isAuthorized && !canShareAuthorized(said))
    return 'its request carried Authorization'
  if (origin === 'confirmed') return undefined
  if (last.flags.has('no-cache')) return 'no-cache'
  const staleMs = ageMs(given, nowMs) - (lifetimeMs(last) ?? 0)
  if (staleMs < 0) return undefined
  const mayBeStale =
    !last.flags.has('must-revalidate') &&
    !last.flags.has('proxy-revalidate') &&
    last.sMaxAge === undefined
  if (!mayBeStale) return 'stale, and never to be served so'
  if (staleMs < (last.staleWhileRevalidate ?? 0) * 1_000) return undefined
  const isIn = staleMs < (last.staleIfError ?? 0) * 1_000
  return origin === 'failed' && isIn ? undefined : 'stale'
}

/** Whether a cache has no reason to ask the origin. */
export function isPlainlyFresh(given: Given, asked: Asked, nowMs: number): boolean {
  const last = given.confirmed?.said ?? given.said
  const isLeft = last.flags.has('no-store') || last.flags.has('private')
  const hasTime = ageMs(given, nowMs) + 1_000 < (lifetimeMs(last) ?? 0)
  return (
    given.isStored && !isLeft && hasTime && whyNot(given, asked, nowMs, 'not asked') === undefined
  )
}

function canShareAuthorized({ flags, sMaxAge }: Said): boolean {
  return flags.has('public') || flags.has('must-revalidate') || sMaxAge !== undefined
}

function lifetimeMs({ maxAge, sMaxAge }: Said): number | undefined {
  const seconds = sMaxAge ?? maxAge
  return seconds === undefined ? undefined : seconds * 1_000
}

function ageMs({ said, atMs, confirmed }: Given, nowMs: number): number {
  const { age = 0 } = confirmed?.said ?? said
  return age * 1_000 + nowMs - (confirmed?.atMs ?? atMs)
}
