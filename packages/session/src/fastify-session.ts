export { FastifySessionStore } from './plug-ins/fastify-session-store.ts'
export type { PlugInStoreOptions } from './plug-ins/open-plug-in-store.ts'
