import type { IncomingMessage, ServerResponse } from 'node:http'
import { Redis } from 'ioredis'
import { CACHE_CONTROL, CONTENT_TYPE, type Site } from '../contestant.ts'

/**
 * The least that a hit from Redis can cost: one `getBuffer` for the body, its fields known already.
 * Commands of one tick travel together, as they do with us.
 */
export class RedisPages {
  readonly #redis: Redis
  readonly #heads = new Map<string | undefined, string[]>()

  constructor(redisUrl: string) {
    this.#redis = new Redis(redisUrl, { enableAutoPipelining: true })
  }

  static async of({ pages, redisUrl }: Site): Promise<RedisPages> {
    const stored = new RedisPages(redisUrl)
    for (const { path, body } of pages) await stored.#store(path, body)
    return stored
  }

  async #store(path: string, body: Buffer): Promise<void> {
    await this.#redis.set(path, body)
    this.#heads.set(path, [
      ...['Content-Type', CONTENT_TYPE, 'Content-Length', String(body.length)],
      ...['Cache-Control', CACHE_CONTROL, 'ETag', `"${body.length.toString(36)}"`],
      ...['Date', new Date().toUTCString(), 'Age', '0'],
    ])
  }

  /** Answers a request if it can; says whether it does. */
  answer(request: IncomingMessage, response: ServerResponse): boolean {
    const head = this.#heads.get(request.url)
    if (head === undefined) return false
    this.#redis.getBuffer(request.url as string, (error, body) => {
      if (error || !body) throw error ?? new Error('The page is gone')
      response.writeHead(200, head)
      response.end(body)
    })
    return true
  }
}
