import { SupervisedProcess } from '../process/supervised-process.ts'
import type { RedisProgram } from './program.ts'
import type { RedisMachine } from './redis-machine.ts'

/** Where all that we run ourselves listens. */
export const LOOPBACK = '127.0.0.1'

/** The command line of a server, made anew for each start. */
export type ListArguments = () => readonly string[] | Promise<readonly string[]>

/** Runs redis-server as a process of ours. Sentinels are the same program with other arguments. */
export class RedisProcess implements RedisMachine {
  readonly host: string = LOOPBACK
  readonly port: number
  readonly #program: RedisProgram
  readonly #listArguments: ListArguments
  #process: SupervisedProcess | undefined

  constructor(program: RedisProgram, port: number, listArguments: ListArguments) {
    this.#program = program
    this.port = port
    this.#listArguments = listArguments
  }

  get source(): 'binary' | 'package' {
    return this.#program.source
  }

  async start(): Promise<void> {
    const { command, env } = this.#program
    const args = await this.#listArguments()
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
