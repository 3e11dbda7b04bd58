/** Where a Redis for tests came from. */
export type RedisSource = 'url' | 'docker' | 'binary' | 'package'

/** A real Redis for tests, alone on its port unless it came from a URL. */
export interface RedisServer {
  /** For a client: `redis://127.0.0.1:12345`. */
  readonly url: string
  readonly host: string
  readonly port: number
  readonly source: RedisSource
  /** Whether {@link kill}, {@link pause}, {@link resume} and {@link restart} work here. */
  readonly canFault: boolean
  /** SIGKILL; resolves when the process is gone. */
  kill(): Promise<void>
  /** SIGSTOP: connections stay open and nothing answers. Resolves when it stands still. */
  pause(): Promise<void>
  /** SIGCONT; resolves when it answers PING again. */
  resume(): Promise<void>
  /** Kills it if it runs and starts it empty on the same port; resolves when it answers PING. */
  restart(): Promise<void>
  /** Ends it for good, in whatever state it is. A server from a URL is left alone. */
  stop(): Promise<void>
}

/** What a test asks of its Redis. */
export interface StartRedisOptions {
  /**
   * The test kills or pauses the server, so one that allows it is preferred.
   * @defaultValue false
   */
  readonly faults?: boolean | undefined
  /**
   * Directives as in redis.conf, such as `{ maxmemory: '1mb' }`. They need a server of our own,
   * so one from a URL is not used.
   */
  readonly config?: Readonly<Record<string, string>> | undefined
  /** Takes this source and no other; for the tests of the sources themselves. @internal */
  readonly source?: RedisSource | undefined
}
