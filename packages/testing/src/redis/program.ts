/** A `redis-server` executable and what it needs to run. */
export interface RedisProgram {
  readonly source: 'binary' | 'package'
  readonly command: string
  readonly env?: NodeJS.ProcessEnv | undefined
}
