import type { Lineup } from '../lineup.ts'

const NODE_FLOOR = 'node:http floor'
const EXPRESS_FLOOR = 'express floor'
const FASTIFY_FLOOR = 'fastify floor'

/** Hits from memory, beside the least that they can cost and beside other response caches. */
export const HITS: Lineup = {
  title: 'HTTP hit',
  needsRedis: false,
  contestants: [
    {
      name: 'node:http handler',
      isCached: false,
      load: async () => (await import('../contestants/node.ts')).nodeHandler,
    },
    {
      name: NODE_FLOOR,
      isCached: true,
      load: async () => (await import('../contestants/node.ts')).nodeFloor,
    },
    {
      name: 'hotpath cacheHandler',
      package: '@hotpath/http',
      floor: NODE_FLOOR,
      isCached: true,
      load: async () => (await import('../contestants/hotpath-node.ts')).hotpathOnNode,
    },
    {
      name: 'hotpath cacheHandler before express',
      package: '@hotpath/http',
      floor: NODE_FLOOR,
      isCached: true,
      load: async () => (await import('../contestants/hotpath-node.ts')).hotpathBeforeExpress,
    },
    {
      name: 'express handler',
      package: 'express',
      isCached: false,
      load: async () => (await import('../contestants/express.ts')).expressHandler,
    },
    {
      name: EXPRESS_FLOOR,
      isCached: true,
      load: async () => (await import('../contestants/express.ts')).expressFloor,
    },
    {
      name: 'hotpath on express',
      package: '@hotpath/express',
      floor: EXPRESS_FLOOR,
      isCached: true,
      load: async () => (await import('../contestants/hotpath-express.ts')).hotpathOnExpress,
    },
    {
      name: 'apicache',
      package: 'apicache',
      floor: EXPRESS_FLOOR,
      isCached: true,
      load: async () => (await import('../contestants/apicache.ts')).apicacheOnExpress,
    },
    {
      name: 'apicache-plus',
      package: 'apicache-plus',
      floor: EXPRESS_FLOOR,
      isCached: true,
      load: async () => (await import('../contestants/apicache-plus.ts')).apicachePlusOnExpress,
    },
    {
      name: 'fastify handler',
      package: 'fastify',
      isCached: false,
      load: async () => (await import('../contestants/fastify.ts')).fastifyHandler,
    },
    {
      name: FASTIFY_FLOOR,
      isCached: true,
      load: async () => (await import('../contestants/fastify.ts')).fastifyFloor,
    },
    {
      name: 'hotpath on fastify',
      package: '@hotpath/fastify',
      floor: FASTIFY_FLOOR,
      isCached: true,
      load: async () => (await import('../contestants/hotpath-fastify.ts')).hotpathOnFastify,
    },
  ],
}
