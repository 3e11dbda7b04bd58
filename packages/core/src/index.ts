export { type Clock, systemClock, type Timer } from './base/clock.ts'
export type { Duration } from './base/duration.ts'
export { HotpathError } from './base/errors.ts'
export { type Random, systemRandom } from './base/random.ts'
export type { StandardIssue, StandardSchema } from './base/standard-schema.ts'
export {
  type ArgumentsOf,
  Cached,
  type CachedMethod,
  type CachedOptions,
} from './cache/cached-decorator.ts'
export { createCache } from './cache/create-cache.ts'
export type {
  CheckedDefineOptions,
  DefinedBulkContext,
  DefinedKey,
  DefinedLoaders,
  DefineOptions,
  Definition,
  LoadedMany,
  PlainContext,
  PlainDefineOptions,
  SparseDefineOptions,
} from './cache/define-types.ts'
export type {
  BulkLoadContext,
  BulkLoader,
  BulkValues,
  Cache,
  CacheEntry,
  CacheEvents,
  CacheHealth,
  CacheOptions,
  CacheStats,
  CompressionAlgorithm,
  CompressionOptions,
  CopyState,
  EntryOptions,
  FoundEntry,
  Inspection,
  Invalidated,
  InvalidatedBy,
  LeaseInspection,
  LoadContext,
  Loader,
  LoadInspection,
  LoadOptions,
  MemoryInspection,
  NamespaceOptions,
  RedisInspection,
  Serializer,
  StoreOperation,
  Tier,
} from './cache/types.ts'
export { createRedisLink, type RedisLinkOptions } from './redis/create-redis-link.ts'
export type { LinkEvents, LinkState, RedisInput, RedisLink } from './redis/types.ts'
