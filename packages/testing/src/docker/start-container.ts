import type { GenericContainer, StartedTestContainer } from 'testcontainers'
import { reportProgress } from '../process/progress.ts'
import { SourceUnavailable } from '../sources/source.ts'

/** A server to run in a container. */
export interface ContainerPlan {
  readonly image: string
  /** Where clients reach it: fixed, for a random port would be another after a restart. */
  readonly port: number
  /** The port that it has inside. */
  readonly innerPort: number
  /** The command that makes it listen on an address. */
  readonly command: (host: string, port: number) => string[]
  readonly environment?: Readonly<Record<string, string>> | undefined
  /** What it logs when it is ready, and how often it does so before it really is. */
  readonly readyLog: RegExp
  readonly readyLogTimes?: number | undefined
}

/** Starts a container by testcontainers, which also removes it should this process crash. */
export async function startContainer(plan: ContainerPlan): Promise<StartedTestContainer> {
  const { GenericContainer, Wait } = await import('testcontainers')
  const container = new GenericContainer(plan.image)
    .withEnvironment(plan.environment ?? {})
    .withDefaultLogDriver()
    .withWaitStrategy(Wait.forLogMessage(plan.readyLog, plan.readyLogTimes ?? 1))
  try {
    return await giveNetwork(container, plan).start()
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    const message = `Docker: ${plan.image} did not start: ${why}`
    reportProgress(message)
    throw new SourceUnavailable(message, 'machine', error)
  }
}

/** Where the container's port is. As a name it might lead to IPv6, where nobody listens. */
export function readHost(container: StartedTestContainer): string {
  const host = container.getHost()
  return host === 'localhost' ? '127.0.0.1' : host
}

function giveNetwork(container: GenericContainer, plan: ContainerPlan): GenericContainer {
  const { command, innerPort, port } = plan
  // For engines that cannot build a bridge, such as one inside a sandbox.
  if (process.env.HOTPATH_TEST_DOCKER_NETWORK === 'host') {
    return container.withNetworkMode('host').withCommand(command('127.0.0.1', port))
  }
  return container
    .withExposedPorts({ container: innerPort, host: port })
    .withCommand(command('0.0.0.0', innerPort))
}
