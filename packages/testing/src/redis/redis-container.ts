import type { StartedTestContainer } from 'testcontainers'
import { waitUntil } from '../async/wait-until.ts'
import { type ProcessTable, standsStill } from '../docker/process-table.ts'
import { readHost, startContainer } from '../docker/start-container.ts'
import { formatDirectives, type RedisConfig } from './directives.ts'
import type { RedisMachine } from './redis-machine.ts'

/** Runs redis-server in a container. */
export class RedisContainer implements RedisMachine {
  readonly source = 'docker'
  readonly port: number
  readonly #config: RedisConfig | undefined
  #container: StartedTestContainer | undefined

  constructor(port: number, config?: RedisConfig) {
    this.port = port
    this.#config = config
  }

  get host(): string {
    return this.#container === undefined ? '127.0.0.1' : readHost(this.#container)
  }

  async start(): Promise<void> {
    if (this.#container === undefined) this.#container = await this.#create()
    else await (await this.#handle()).start()
  }

  async isRunning(): Promise<boolean> {
    if (this.#container === undefined) return false
    return (await (await this.#handle()).inspect()).State.Running
  }

  async kill(): Promise<void> {
    if (!(await this.isRunning())) return
    const handle = await this.#handle()
    await handle.kill({ signal: 'SIGKILL' })
    await handle.wait()
  }

  async pause(): Promise<void> {
    const handle = await this.#handle()
    await handle.kill({ signal: 'SIGSTOP' })
    // The signal has been sent, not yet taken.
    await waitUntil(
      async () => standsStill((await handle.top({ ps_args: '-o pid,stat' })) as ProcessTable),
      'the container stands still',
    )
  }

  async resume(): Promise<void> {
    await (await this.#handle()).kill({ signal: 'SIGCONT' })
  }

  async remove(): Promise<void> {
    await this.#container?.stop({ timeout: 0 })
    this.#container = undefined
  }

  async readLog(): Promise<string> {
    if (this.#container === undefined) return ''
    return String(await (await this.#handle()).logs({ stdout: true, stderr: true, tail: 40 }))
  }

  async #create(): Promise<StartedTestContainer> {
    const config = { 'protected-mode': 'no', ...this.#config }
    return await startContainer({
      image: process.env.HOTPATH_TEST_REDIS_IMAGE ?? 'redis:7-alpine',
      port: this.port,
      innerPort: 6379,
      command: (host, port) => ['redis-server', ...formatDirectives(host, port, config)],
      readyLog: /Ready to accept connections/,
    })
  }

  async #handle() {
    const { getContainerRuntimeClient } = await import('testcontainers')
    const { container } = await getContainerRuntimeClient()
    return container.getById(this.#container?.getId() ?? '')
  }
}
