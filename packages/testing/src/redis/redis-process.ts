import { SupervisedProcess } from '../process/supervised-process.ts'
import { formatDirectives, type RedisConfig } from './directives.ts'
import type { RedisMachine } from './redis-machine.ts'

/** A `redis-server` executable and what it needs to run. */
export interface RedisProgram {
  readonly source: 'binary' | 'package'
  readonly command: string
  readonly env?: NodeJS.ProcessEnv | undefined
}

/** Runs redis-server as a process of ours. Sentinels are the same program with other directives. */
export class RedisProcess implements RedisMachine {
  readonly host: string = '127.0.0.1'
  readonly port: number
  readonly #program: RedisProgram
  readonly #config: RedisConfig | undefined
  #process: SupervisedProcess | undefined

  constructor(program: RedisProgram, port: number, config?: RedisConfig) {
    this.#program = program
    this.port = port
    this.#config = config
  }

  get source(): 'binary' | 'package' {
    return this.#program.source
  }

  async start(): Promise<void> {
    const { command, env } = this.#program
    const args = formatDirectives(this.host, this.port, this.#config)
    this.#process = await SupervisedProcess.start({ command, args, env })
  }

  async isRunning(): Promise<boolean> {
    return this.#process?.isRunning ?? false
  }

  async kill(): Promise<void> {
    await this.#process?.end('SIGKILL')
  }

  async pause(): Promise<void> {
    await this.#process?.pause()
  }

  async resume(): Promise<void> {
    this.#process?.resume()
  }

  async remove(): Promise<void> {
    await this.kill()
  }

  async readLog(): Promise<string> {
    return this.#process?.log ?? ''
  }
}
