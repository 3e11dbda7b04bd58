import type { GenericContainer, StartedTestContainer } from 'testcontainers'
import { SourceUnavailable } from '../sources/source.ts'
import { formatDirectives, type RedisConfig } from './directives.ts'
import type { RedisMachine } from './redis-machine.ts'

const REDIS_PORT = 6379

/** Runs redis-server in a container, by testcontainers, which also removes it after a crash. */
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
    return this.#container?.getHost() ?? '127.0.0.1'
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
    await (await this.#handle()).kill({ signal: 'SIGSTOP' })
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
    const { GenericContainer, Wait } = await import('testcontainers')
    const image = process.env.HOTPATH_TEST_REDIS_IMAGE ?? 'redis:7-alpine'
    const container = new GenericContainer(image)
      .withDefaultLogDriver()
      .withWaitStrategy(Wait.forLogMessage(/Ready to accept connections/))
    try {
      return await this.#giveNetwork(container).start()
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      throw new SourceUnavailable(`Docker: ${image} did not start: ${why}`, 'machine', error)
    }
  }

  /** A fixed port of the host, for a random one would be another after a restart. */
  #giveNetwork(container: GenericContainer): GenericContainer {
    const directives = { 'protected-mode': 'no', ...this.#config }
    // For engines that cannot build a bridge, such as one inside a sandbox.
    if (process.env.HOTPATH_TEST_DOCKER_NETWORK === 'host') {
      const command = ['redis-server', ...formatDirectives('127.0.0.1', this.port, directives)]
      return container.withNetworkMode('host').withCommand(command)
    }
    const command = ['redis-server', ...formatDirectives('0.0.0.0', REDIS_PORT, directives)]
    return container
      .withExposedPorts({ container: REDIS_PORT, host: this.port })
      .withCommand(command)
  }

  async #handle() {
    const { getContainerRuntimeClient } = await import('testcontainers')
    const { container } = await getContainerRuntimeClient()
    return container.getById(this.#container?.getId() ?? '')
  }
}
