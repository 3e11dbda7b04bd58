import type { Lineup } from '../lineup.ts'
import { HITS } from './hits.ts'
import { LIMITED, LIMITED_IN_REDIS, REFUSED, REFUSED_IN_REDIS } from './limits.ts'
import { MISSES } from './misses.ts'
import { NOT_MODIFIED } from './not-modified.ts'
import { REDIS_HITS } from './redis-hits.ts'

/** The names under which the command line knows them. */
export const HTTP_PARTS = [
  'http',
  'http-304',
  'http-miss',
  'http-redis',
  'http-limits',
  'http-limits-redis',
  'http-refused',
  'http-refused-redis',
] as const
export type HttpPart = (typeof HTTP_PARTS)[number]

export const LINEUPS: Record<HttpPart, Lineup> = {
  http: HITS,
  'http-304': NOT_MODIFIED,
  'http-miss': MISSES,
  'http-redis': REDIS_HITS,
  'http-limits': LIMITED,
  'http-limits-redis': LIMITED_IN_REDIS,
  'http-refused': REFUSED,
  'http-refused-redis': REFUSED_IN_REDIS,
}
