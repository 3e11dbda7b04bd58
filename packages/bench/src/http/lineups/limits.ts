import type { HttpContestant, Lineup } from '../lineup.ts'

/** Requests that pass a rate limit kept in memory, beside the framework without one. */
export const LIMITED: Lineup = {
  title: 'HTTP request within its rate limit, in memory',
  needsRedis: false,
  contestants: contestantsOf(false),
}

/** The same with limits kept in Redis. */
export const LIMITED_IN_REDIS: Lineup = {
  title: 'HTTP request within its rate limit, in Redis',
  needsRedis: true,
  contestants: contestantsOf(true),
}

function contestantsOf(isInRedis: boolean): HttpContestant[] {
  const peerStore = isInRedis ? ' + rate-limit-redis' : ''
  return [
    {
      name: 'express, bare',
      package: 'express',
      isCached: false,
      load: async () => (await import('../contestants/express.ts')).expressHandler,
    },
    limitedOn('express', 'hotpath, fixed-window', async () =>
      (await import('../contestants/limits.ts')).hotpathLimitOnExpress('fixed-window'),
    ),
    limitedOn('express', 'hotpath, sliding-window', async () =>
      (await import('../contestants/limits.ts')).hotpathLimitOnExpress('sliding-window'),
    ),
    {
      ...limitedOn(
        'express',
        `express-rate-limit${peerStore}`,
        async () => (await import('../contestants/limits.ts')).expressRateLimit,
      ),
      package: 'express-rate-limit',
    },
    {
      name: 'fastify, bare',
      package: 'fastify',
      isCached: false,
      load: async () => (await import('../contestants/fastify.ts')).fastifyHandler,
    },
    limitedOn('fastify', 'hotpath, fixed-window', async () =>
      (await import('../contestants/limits.ts')).hotpathLimitOnFastify('fixed-window'),
    ),
    limitedOn('fastify', 'hotpath, sliding-window', async () =>
      (await import('../contestants/limits.ts')).hotpathLimitOnFastify('sliding-window'),
    ),
    {
      ...limitedOn(
        'fastify',
        '@fastify/rate-limit',
        async () => (await import('../contestants/limits.ts')).fastifyRateLimit,
      ),
      package: '@fastify/rate-limit',
    },
  ]
}

function limitedOn(
  where: 'express' | 'fastify',
  name: string,
  load: HttpContestant['load'],
): HttpContestant {
  return { name: `${name} on ${where}`, floor: `${where}, bare`, isCached: false, load }
}
