import { setTimeout as delay } from 'node:timers/promises'
import { pickPort } from '../process/pick-port.ts'
import { SupervisedProcess } from '../process/supervised-process.ts'
import { answersPing } from './ping.ts'
import type { RedisServer } from './redis-server.ts'

/** A `redis-server` executable and what it needs to run. */
export interface RedisProgram {
  readonly source: 'binary' | 'package'
  readonly command: string
  readonly env?: NodeJS.ProcessEnv | undefined
}

const HOST = '127.0.0.1'
const PORTS_TO_TRY = 5
const READY_WITHIN_MS = 15_000

/**
 * Starts `program` on a free port of 127.0.0.1, without persistence.
 *
 * Also the piece that Sentinels and Cluster nodes are to be made of: they are the same program
 * with other directives.
 */
export async function startRedisProcess(
  program: RedisProgram,
  config: Readonly<Record<string, string>> = {},
): Promise<RedisServer> {
  for (let attempt = 1; ; attempt += 1) {
    const server = new RedisProcess(program, config, await pickPort())
    try {
      await server.restart()
      return server
    } catch (error) {
      await server.stop()
      if (!server.lostItsPort || attempt === PORTS_TO_TRY) throw error
    }
  }
}

class RedisProcess implements RedisServer {
  readonly host: string = HOST
  readonly port: number
  readonly canFault: boolean = true
  readonly #program: RedisProgram
  readonly #config: Readonly<Record<string, string>>
  #process: SupervisedProcess | undefined

  constructor(program: RedisProgram, config: Readonly<Record<string, string>>, port: number) {
    this.#program = program
    this.#config = config
    this.port = port
  }

  get url(): string {
    return `redis://${this.host}:${this.port}`
  }

  get source(): 'binary' | 'package' {
    return this.#program.source
  }

  get lostItsPort(): boolean {
    return this.#process?.log.includes('Address already in use') ?? false
  }

  async kill(): Promise<void> {
    await this.#process?.end('SIGKILL')
  }

  async pause(): Promise<void> {
    await this.#running().pause()
  }

  async resume(): Promise<void> {
    const running = this.#running()
    running.resume()
    await this.#untilReady(running)
  }

  async restart(): Promise<void> {
    await this.kill()
    const { command, env } = this.#program
    this.#process = await SupervisedProcess.start({ command, args: this.#args(), env })
    await this.#untilReady(this.#process)
  }

  async stop(): Promise<void> {
    // There is nothing to save, and a paused server would not hear a SIGTERM.
    await this.kill()
  }

  #args(): string[] {
    const directives = {
      bind: HOST,
      port: String(this.port),
      save: '',
      appendonly: 'no',
      ...this.#config,
    }
    return Object.entries(directives).flatMap(([name, value]) => [`--${name}`, value])
  }

  #running(): SupervisedProcess {
    if (this.#process?.isRunning) return this.#process
    throw new Error(`The Redis on port ${this.port} is not running; restart() it first`)
  }

  async #untilReady(running: SupervisedProcess): Promise<void> {
    const startMs = performance.now()
    while (!(await answersPing(this.host, this.port)) || !running.isRunning) {
      const hasTime = performance.now() - startMs < READY_WITHIN_MS
      if (!running.isRunning || !hasTime) {
        throw new Error(`redis-server did not start (${this.#program.command}):\n${running.log}`)
      }
      await delay(5)
    }
  }
}
