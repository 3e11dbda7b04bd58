import type { HttpContestant, Lineup } from '../lineup.ts'

/** Hits from Redis, with no tier in memory, beside the least that they can cost. */
export const REDIS_HITS: Lineup = {
  title: 'HTTP hit from Redis',
  needsRedis: true,
  contestants: [
    {
      name: 'node:http handler',
      isCached: false,
      load: async () => (await import('../contestants/node.ts')).nodeHandler,
    },
    ...pair('node:http', {
      floor: async () => (await import('../contestants/node.ts')).nodeRedisFloor,
      hotpath: async () => (await import('../contestants/hotpath-node.ts')).hotpathOnNodeFromRedis,
    }),
    ...pair('express', {
      floor: async () => (await import('../contestants/express.ts')).expressRedisFloor,
      hotpath: async () =>
        (await import('../contestants/hotpath-express.ts')).hotpathOnExpressFromRedis,
    }),
    ...pair('fastify', {
      floor: async () => (await import('../contestants/fastify.ts')).fastifyRedisFloor,
      hotpath: async () =>
        (await import('../contestants/hotpath-fastify.ts')).hotpathOnFastifyFromRedis,
    }),
  ],
}

function pair(
  where: string,
  loads: Record<'floor' | 'hotpath', HttpContestant['load']>,
): HttpContestant[] {
  const floor = `${where}, getBuffer`
  return [
    { name: floor, isCached: true, load: loads.floor },
    { name: `hotpath on ${where}`, floor, isCached: true, load: loads.hotpath },
  ]
}
