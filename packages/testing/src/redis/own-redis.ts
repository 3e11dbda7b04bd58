import { setTimeout as delay } from 'node:timers/promises'
import { answersPing } from './ping.ts'
import type { RedisMachine } from './redis-machine.ts'
import type { RedisServer, RedisSource } from './redis-server.ts'

const READY_WITHIN_MS = 15_000

/** A Redis that is ours to kill, on whatever machine it runs. */
export class OwnRedis implements RedisServer {
  readonly canFault: boolean = true
  readonly #machine: RedisMachine

  constructor(machine: RedisMachine) {
    this.#machine = machine
  }

  get url(): string {
    return `redis://${this.host}:${this.port}`
  }

  get host(): string {
    return this.#machine.host
  }

  get port(): number {
    return this.#machine.port
  }

  get source(): RedisSource {
    return this.#machine.source
  }

  async kill(): Promise<void> {
    await this.#machine.kill()
  }

  async pause(): Promise<void> {
    await this.#requireRunning()
    await this.#machine.pause()
  }

  async resume(): Promise<void> {
    await this.#requireRunning()
    await this.#machine.resume()
    await this.#untilReady()
  }

  async restart(): Promise<void> {
    await this.#machine.kill()
    await this.#machine.start()
    await this.#untilReady()
  }

  async stop(): Promise<void> {
    // There is nothing to save, and a paused server would not hear a polite request.
    await this.#machine.kill()
    await this.#machine.remove()
  }

  async #requireRunning(): Promise<void> {
    if (await this.#machine.isRunning()) return
    throw new Error(`The Redis on port ${this.port} is not running; restart() it first`)
  }

  async #untilReady(): Promise<void> {
    const startMs = performance.now()
    while (performance.now() - startMs < READY_WITHIN_MS) {
      const answers = await answersPing(this.host, this.port)
      // Asked last: on a port that was taken, somebody else would be answering.
      if (!(await this.#machine.isRunning())) break
      if (answers) return
      await delay(5)
    }
    const log = await this.#machine.readLog()
    throw new Error(`redis-server (${this.source}) did not start on port ${this.port}:\n${log}`)
  }
}
