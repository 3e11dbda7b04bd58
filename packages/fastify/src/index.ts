export {
  createResponseCache,
  type PurgeOptions,
  type PurgeTarget,
  type QueryOptions,
  type ResponseCache,
  type ResponseCacheOptions,
  type ResponseView,
  type RouteCacheOptions,
} from '@hotpath/http'
export { type CachePluginOptions, cachePlugin } from './cache-plugin.ts'
export { cacheTags } from './cache-tags.ts'
export { type PurgePluginOptions, purgePlugin } from './purge-plugin.ts'
export { type RateLimitPluginOptions, rateLimitPlugin } from './rate-limit-plugin.ts'
export { type SessionPluginOptions, sessionPlugin } from './session-plugin.ts'
