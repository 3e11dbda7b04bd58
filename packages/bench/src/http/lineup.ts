import type { CreateServer } from './contestant.ts'

/** A server that is compared, and what it is compared with. */
export interface HttpContestant {
  readonly name: string
  /** The package that it is named for, for its version. */
  readonly package?: string
  /** The least that a hit can cost in the same framework. */
  readonly floor?: string
  /** Answers hits without running the handler: the harness sees to it that this is so. */
  readonly isCached: boolean
  /** Loads only what this contestant needs. */
  readonly load: () => Promise<CreateServer>
}

const NODE_FLOOR = 'node:http floor'
const EXPRESS_FLOOR = 'express floor'
const FASTIFY_FLOOR = 'fastify floor'

/** The first is what all others are compared with. */
export const HTTP_LINEUP: readonly HttpContestant[] = [
  {
    name: 'node:http handler',
    isCached: false,
    load: async () => (await import('./contestants/node.ts')).nodeHandler,
  },
  {
    name: NODE_FLOOR,
    isCached: true,
    load: async () => (await import('./contestants/node.ts')).nodeFloor,
  },
  {
    name: 'hotpath cacheHandler',
    package: '@hotpath/http',
    floor: NODE_FLOOR,
    isCached: true,
    load: async () => (await import('./contestants/hotpath-node.ts')).hotpathOnNode,
  },
  {
    name: 'express handler',
    package: 'express',
    isCached: false,
    load: async () => (await import('./contestants/express.ts')).expressHandler,
  },
  {
    name: EXPRESS_FLOOR,
    isCached: true,
    load: async () => (await import('./contestants/express.ts')).expressFloor,
  },
  {
    name: 'hotpath on express',
    package: '@hotpath/express',
    floor: EXPRESS_FLOOR,
    isCached: true,
    load: async () => (await import('./contestants/hotpath-express.ts')).hotpathOnExpress,
  },
  {
    name: 'apicache',
    package: 'apicache',
    floor: EXPRESS_FLOOR,
    isCached: true,
    load: async () => (await import('./contestants/apicache.ts')).apicacheOnExpress,
  },
  {
    name: 'apicache-plus',
    package: 'apicache-plus',
    floor: EXPRESS_FLOOR,
    isCached: true,
    load: async () => (await import('./contestants/apicache-plus.ts')).apicachePlusOnExpress,
  },
  {
    name: 'fastify handler',
    package: 'fastify',
    isCached: false,
    load: async () => (await import('./contestants/fastify.ts')).fastifyHandler,
  },
  {
    name: FASTIFY_FLOOR,
    isCached: true,
    load: async () => (await import('./contestants/fastify.ts')).fastifyFloor,
  },
  {
    name: 'hotpath on fastify',
    package: '@hotpath/fastify',
    floor: FASTIFY_FLOOR,
    isCached: true,
    load: async () => (await import('./contestants/hotpath-fastify.ts')).hotpathOnFastify,
  },
]
