import type { HttpContestant, Lineup } from '../lineup.ts'

/** Pages that nobody has asked for before, beside the framework without a cache. */
export const MISSES: Lineup = {
  title: 'HTTP miss',
  needsRedis: false,
  contestants: [
    ...pair('node:http', {
      bare: async () => (await import('../contestants/node.ts')).nodeHandler,
      cached: async () => (await import('../contestants/hotpath-node.ts')).hotpathOnNode,
    }),
    ...pair('express', {
      bare: async () => (await import('../contestants/express.ts')).expressHandler,
      cached: async () => (await import('../contestants/hotpath-express.ts')).hotpathOnExpress,
    }),
    {
      name: 'apicache',
      package: 'apicache',
      floor: 'express, bare',
      isCached: true,
      asks: 'unseen',
      load: async () => (await import('../contestants/apicache.ts')).apicacheOnExpress,
    },
    ...pair('fastify', {
      bare: async () => (await import('../contestants/fastify.ts')).fastifyHandler,
      cached: async () => (await import('../contestants/hotpath-fastify.ts')).hotpathOnFastify,
    }),
  ],
}

function pair(
  where: string,
  { bare, cached }: Record<'bare' | 'cached', HttpContestant['load']>,
): HttpContestant[] {
  const floor = `${where}, bare`
  return [
    { name: floor, isCached: false, asks: 'unseen', load: bare },
    { name: `hotpath on ${where}`, floor, isCached: true, asks: 'unseen', load: cached },
  ]
}
