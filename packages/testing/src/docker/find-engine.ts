import { request } from 'node:http'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { SourceUnavailable } from '../sources/source.ts'

const ANSWER_WITHIN_MS = 1_000

let found: Promise<boolean> | undefined

/** Throws where no Docker engine answers. Costs a look at a few sockets, once per process. */
export async function requireDockerEngine(): Promise<void> {
  found ??= hasDockerEngine()
  if (!(await found)) throw new SourceUnavailable('Docker: no engine answers')
}

/** Whether a Docker engine answers here at the moment. */
export async function hasDockerEngine(): Promise<boolean> {
  const answers = await Promise.all(listEngines().map((engine) => answersDockerPing(engine)))
  return answers.includes(true)
}

/** `DOCKER_HOST` alone where it is set, or else the places that testcontainers looks at. */
function listEngines(): string[] {
  const { DOCKER_HOST, XDG_RUNTIME_DIR } = process.env
  if (DOCKER_HOST) return [DOCKER_HOST]
  const paths = [
    '/var/run/docker.sock',
    join(homedir(), '.docker/run/docker.sock'),
    join(homedir(), '.docker/desktop/docker.sock'),
    ...(XDG_RUNTIME_DIR ? [join(XDG_RUNTIME_DIR, 'docker.sock')] : []),
  ]
  return paths.map((path) => `unix://${path}`)
}

/** Whether an engine answers at `engine`, a URL as in `DOCKER_HOST`. */
export async function answersDockerPing(engine: string): Promise<boolean> {
  const { protocol, hostname, port, pathname } = new URL(engine)
  const where = protocol === 'unix:' ? { socketPath: pathname } : { host: hostname, port }
  return await new Promise((resolve) => {
    const ping = request({ ...where, path: '/_ping', timeout: ANSWER_WITHIN_MS }, (response) => {
      response.resume()
      resolve(response.statusCode === 200)
    })
    ping.on('timeout', () => ping.destroy())
    ping.on('error', () => resolve(false))
    ping.end()
  })
}
