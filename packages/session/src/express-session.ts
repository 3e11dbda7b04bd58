export { ExpressSessionStore } from './plug-ins/express-session-store.ts'
export type { PlugInStoreOptions } from './plug-ins/open-plug-in-store.ts'
