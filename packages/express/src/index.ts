export {
  cacheHandler,
  cacheTags,
  createResponseCache,
  type PurgeOptions,
  type PurgeTarget,
  type QueryOptions,
  type ResponseCache,
  type ResponseCacheOptions,
  type ResponseView,
  type RouteCacheOptions,
} from '@hotpath/http'
export { type CacheMiddleware, cacheMiddleware } from './cache-middleware.ts'
export { type PurgeRouterOptions, purgeRouter } from './purge-router.ts'
export { type RateLimitMiddleware, rateLimitMiddleware } from './rate-limit-middleware.ts'
export { type SessionMiddleware, sessionMiddleware } from './session-middleware.ts'
