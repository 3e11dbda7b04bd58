import type { RedisSource } from './redis-server.ts'

/** Something that runs one redis-server on a fixed port: a process of ours, or a container. */
export interface RedisMachine {
  readonly source: RedisSource
  readonly host: string
  readonly port: number
  /** Starts it, empty. */
  start(): Promise<void>
  isRunning(): Promise<boolean>
  /** SIGKILL; resolves when it has ended, also when it had before. */
  kill(): Promise<void>
  /** SIGSTOP; resolves when it stands still. */
  pause(): Promise<void>
  /** SIGCONT. */
  resume(): Promise<void>
  /** Ends it and clears up. */
  remove(): Promise<void>
  /** The last lines that it has written, for error messages. */
  readLog(): Promise<string>
}
