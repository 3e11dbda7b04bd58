import { randomBytes } from 'node:crypto'
import { type Cache, createCache, createRedisLink, type RedisLink } from '@hotpath/core'
import { createRequestLimiter, type RequestLimiter } from '@hotpath/rate-limit'
import { createSessionManager, type SessionManager } from '@hotpath/session'
import type { Config } from '../config.ts'
import type { Closers } from './closers.ts'

/** What both servers share, in Redis or in this process: what is done through one, the other sees. */
export interface Shared {
  link: RedisLink | undefined
  cache: Cache
  sessions: SessionManager
  searchLimits: RequestLimiter
}

/** A Redis that is away neither stops nor delays the start. */
export function openShared(config: Config, opened: Closers): Shared {
  const link = config.redisUrl === undefined ? undefined : createRedisLink(config.redisUrl)
  if (link !== undefined) opened.add(() => link.close())
  const cache = createCache({ redis: link, namespace: 'hotpath-cities', ttl: '5m' })
  opened.add(() => cache.close())
  const sessions = openSessions(config, link)
  opened.add(() => sessions.close())
  const searchLimits = createRequestLimiter({
    redis: link,
    namespace: 'hotpath-cities',
    policies: config.searchPolicies,
  })
  opened.add(() => searchLimits.close())
  return { link, cache, sessions, searchLimits }
}

function openSessions(config: Config, link: RedisLink | undefined): SessionManager {
  return createSessionManager({
    redis: link,
    namespace: 'hotpath-cities:session',
    secret: config.sessionSecret ?? randomBytes(32).toString('base64url'),
    touchInterval: '5s',
    // Whoever was seen here stays logged in while Redis is away, and what changes meanwhile is kept.
    onStoreError: 'memory',
    // A name of its own: all programs on localhost share one jar. The demo speaks plain HTTP.
    cookie: { name: 'cities-session', secure: false },
  })
}
