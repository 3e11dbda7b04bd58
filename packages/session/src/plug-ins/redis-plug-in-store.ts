import { createHash } from 'node:crypto'
import type { RedisLink } from '@hotpath/core'
import type { StoreScript } from '../store/script-prelude.ts'
import type { PlugInStore, StoredText } from './plug-in-store.ts'

function script(name: string, lua: string): StoreScript {
  return { name, lua, sha: createHash('sha1').update(lua).digest('hex') }
}

/** Replies cookie and rest; of a string, as connect-redis and its like keep sessions, all of it. */
const GET = script(
  'plug-in-get',
  `
local kind = redis.call('TYPE', KEYS[1]).ok
if kind == 'string' then return { '', redis.call('GET', KEYS[1]) } end
if kind ~= 'hash' then return {} end
return redis.call('HMGET', KEYS[1], 'cookie', 'rest')`,
)

/** ARGV: cookie, rest, ms. */
const SET = script(
  'plug-in-set',
  `
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], 'cookie', ARGV[1], 'rest', ARGV[2])
return redis.call('PEXPIRE', KEYS[1], ARGV[3])`,
)

/** ARGV: cookie or none, ms. Replies 1 if there is such a session. */
const TOUCH = script(
  'plug-in-touch',
  `
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
if ARGV[1] ~= '' and redis.call('TYPE', KEYS[1]).ok == 'hash' then
  redis.call('HSET', KEYS[1], 'cookie', ARGV[1])
end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])`,
)

/** ARGV: ms. Drops from the index what has expired, by Redis's own clock, and replies the rest. */
const IDS = script(
  'plug-in-ids',
  `
local time = redis.call('TIME')
redis.call('ZREMRANGEBYSCORE', KEYS[1], 0, time[1] * 1000 + math.floor(time[2] / 1000))
return redis.call('ZRANGE', KEYS[1], 0, -1)`,
)

/** ARGV: sid, ms, XX or none. */
const INDEX = script(
  'plug-in-index',
  `
local time = redis.call('TIME')
local ends = time[1] * 1000 + math.floor(time[2] / 1000) + ARGV[2]
if ARGV[3] == 'XX' then redis.call('ZADD', KEYS[1], 'XX', ends, ARGV[1])
else redis.call('ZADD', KEYS[1], ends, ARGV[1]) end
redis.call('ZREMRANGEBYSCORE', KEYS[1], 0, ends - ARGV[2] - 1)
return 1`,
)

/** Deletes this many at a time. */
const BATCH = 100

/** Sessions in Redis, a hash each, and an index of all of them: nothing is ever found by a scan. */
export class RedisPlugInStore implements PlugInStore {
  readonly #link: RedisLink
  readonly #prefix: string
  readonly #closes: boolean

  constructor(link: RedisLink, prefix: string, closesLink: boolean) {
    this.#link = link
    this.#prefix = prefix
    this.#closes = closesLink
  }

  async get(sid: string): Promise<StoredText | undefined> {
    const reply = (await this.#link.run(GET, [this.#key(sid)], [])) as (Buffer | null)[]
    const [cookie, rest] = reply.map((part) => part?.toString())
    if (cookie === undefined || rest === undefined) return undefined
    return cookie === '' ? { cookie: '{}', rest } : { cookie, rest }
  }

  async set(sid: string, { cookie, rest }: StoredText, ttlMs: number): Promise<void> {
    await Promise.all([
      this.#link.run(SET, [this.#key(sid)], [cookie, rest, ttlMs]),
      this.#link.run(INDEX, [this.#index], [sid, ttlMs, '']),
    ])
  }

  async touch(sid: string, cookie: string | undefined, ttlMs: number): Promise<void> {
    await Promise.all([
      this.#link.run(TOUCH, [this.#key(sid)], [cookie ?? '', ttlMs]),
      this.#link.run(INDEX, [this.#index], [sid, ttlMs, 'XX']),
    ])
  }

  async destroy(sid: string): Promise<void> {
    await Promise.all([
      this.#link.command('del', this.#key(sid)),
      this.#link.command('zrem', this.#index, sid),
    ])
  }

  async ids(): Promise<string[]> {
    return ((await this.#link.run(IDS, [this.#index], [])) as Buffer[]).map(String)
  }

  async clear(): Promise<void> {
    const sids = await this.ids()
    for (let start = 0; start < sids.length; start += BATCH) {
      await Promise.all(sids.slice(start, start + BATCH).map((sid) => this.destroy(sid)))
    }
  }

  onState(listener: (state: 'up' | 'down') => void): void {
    this.#link.on('state', ({ state }) => {
      if (state !== 'absent') listener(state)
    })
  }

  async close(): Promise<void> {
    if (this.#closes) await this.#link.close()
  }

  get #index(): string {
    return `${this.#prefix}\u0000index`
  }

  #key(sid: string): string {
    return this.#prefix + sid
  }
}
