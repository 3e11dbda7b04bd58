export { type CachedHandler, cacheHandler } from './cache-handler.ts'
export { cacheTags } from './cache-tags.ts'
export type { FrameworkPort } from './framework-port.ts'
export type { RoutedMessage } from './keys/request-target.ts'
export type { QueryOptions, ResponseCacheOptions, RouteCacheOptions } from './options.ts'
export {
  createPurgeEndpoint,
  type PurgeEndpoint,
  type PurgeEndpointOptions,
} from './purging/purge-endpoint.ts'
export type { ResponseView } from './recording/response-head.ts'
export {
  checkResponseCache,
  createResponseCache,
  isResponseCache,
  type PurgeOptions,
  type PurgeTarget,
  type ResponseCache,
  type RouteCache,
} from './response-cache.ts'
