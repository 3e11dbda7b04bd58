import type { RedisServer } from './redis-server.ts'

/** Somebody else's Redis: used as it is, never stopped, never killed. */
export class ExternalRedis implements RedisServer {
  readonly url: string
  readonly host: string
  readonly port: number
  readonly source = 'url'
  readonly canFault: boolean = false

  constructor(url: string) {
    const { hostname, port } = new URL(url)
    this.url = url
    this.host = hostname
    this.port = Number(port || 6379)
  }

  async kill(): Promise<void> {
    this.#refuse('kill')
  }

  async pause(): Promise<void> {
    this.#refuse('pause')
  }

  async resume(): Promise<void> {
    this.#refuse('resume')
  }

  async restart(): Promise<void> {
    this.#refuse('restart')
  }

  async stop(): Promise<void> {}

  #refuse(what: string): never {
    throw new Error(
      `Cannot ${what} the Redis of HOTPATH_TEST_REDIS_URL: it is not ours. ` +
        'Check canFault, or run where startRedis({ faults: true }) finds a Redis of its own.',
    )
  }
}
