import type { Ours } from '../contestants/limits.ts'
import type { HttpContestant, Lineup } from '../lineup.ts'

/** What a table of limits is about. */
interface Table {
  readonly isInRedis: boolean
  /** Whether its requests are beyond the limit, all but the first. */
  readonly isRefused: boolean
}

/** Requests that pass a rate limit, beside the framework without one. */
export const LIMITED: Lineup = lineupOf({ isInRedis: false, isRefused: false })
export const LIMITED_IN_REDIS: Lineup = lineupOf({ isInRedis: true, isRefused: false })

/** Requests that are refused, beside the framework that answers them. */
export const REFUSED: Lineup = lineupOf({ isInRedis: false, isRefused: true })
export const REFUSED_IN_REDIS: Lineup = lineupOf({ isInRedis: true, isRefused: true })

function lineupOf(table: Table): Lineup {
  const { isInRedis, isRefused } = table
  const what = isRefused ? 'beyond its rate limit (429)' : 'within its rate limit'
  return {
    title: `HTTP request ${what}, in ${isInRedis ? 'Redis' : 'memory'}`,
    needsRedis: isInRedis,
    isOneSize: true,
    contestants: [...onExpress(table), ...onFastify(table)],
  }
}

function onExpress(table: Table): HttpContestant[] {
  const limit = limitOf(table)
  const peer = table.isInRedis ? 'rate-limit-redis' : 'MemoryStore'
  return [
    {
      name: 'express, bare',
      package: 'express',
      isCached: false,
      load: async () => (await import('../contestants/express.ts')).expressHandler,
    },
    ...oursOn('express', table, async (ours) =>
      (await import('../contestants/limits.ts')).hotpathLimitOnExpress(ours),
    ),
    {
      ...limitedOn('express', `express-rate-limit, ${peer}`, table, async () =>
        (await import('../contestants/limits.ts')).expressRateLimit(limit),
      ),
      package: 'express-rate-limit',
    },
  ]
}

function onFastify(table: Table): HttpContestant[] {
  const limit = limitOf(table)
  return [
    {
      name: 'fastify, bare',
      package: 'fastify',
      isCached: false,
      load: async () => (await import('../contestants/fastify.ts')).fastifyHandler,
    },
    ...oursOn('fastify', table, async (ours) =>
      (await import('../contestants/limits.ts')).hotpathLimitOnFastify(ours),
    ),
    {
      ...limitedOn('fastify', '@fastify/rate-limit', table, async () =>
        (await import('../contestants/limits.ts')).fastifyRateLimit(limit),
      ),
      package: '@fastify/rate-limit',
    },
  ]
}

function oursOn(
  where: 'express' | 'fastify',
  table: Table,
  load: (ours: Ours) => ReturnType<HttpContestant['load']>,
): HttpContestant[] {
  const limit = limitOf(table)
  const both = (['fixed-window', 'sliding-window'] as const).map((algorithm) =>
    limitedOn(where, `hotpath, ${algorithm}`, table, () => load({ algorithm, limit })),
  )
  if (!table.isInRedis || !table.isRefused) return both
  // As many round trips as the others make: by default ours needs none.
  const asking: Ours = { algorithm: 'fixed-window', limit, blockCache: false }
  return [
    ...both,
    limitedOn(where, 'hotpath, fixed-window, no blockCache', table, () => load(asking)),
  ]
}

function limitOf({ isRefused }: Table): Ours['limit'] {
  return isRefused ? 1 : 1_000_000_000
}

function limitedOn(
  where: 'express' | 'fastify',
  name: string,
  { isRefused }: Table,
  load: HttpContestant['load'],
): HttpContestant {
  const asks = isRefused ? 'refused' : 'page'
  return { name: `${name} on ${where}`, floor: `${where}, bare`, isCached: false, asks, load }
}
