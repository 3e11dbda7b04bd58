import type { HttpContestant, Lineup } from '../lineup.ts'

/** A 304 beside the hit that it stands for, which is its floor here: it is to be faster. */
export const NOT_MODIFIED: Lineup = {
  title: 'HTTP 304, of a hit',
  needsRedis: false,
  contestants: [
    {
      name: 'node:http handler',
      isCached: false,
      load: async () => (await import('../contestants/node.ts')).nodeHandler,
    },
    ...pair('cacheHandler', async () => {
      return (await import('../contestants/hotpath-node.ts')).hotpathOnNodeWithEtag
    }),
    ...pair('express', async () => {
      return (await import('../contestants/hotpath-express.ts')).hotpathOnExpressWithEtag
    }),
    ...pair('fastify', async () => {
      return (await import('../contestants/hotpath-fastify.ts')).hotpathOnFastifyWithEtag
    }),
  ],
}

function pair(where: string, load: HttpContestant['load']): HttpContestant[] {
  const hit = `hotpath ${where}, hit`
  return [
    { name: hit, isCached: true, load },
    { name: `hotpath ${where}, 304`, isCached: true, floor: hit, asks: 'not-modified', load },
  ]
}
