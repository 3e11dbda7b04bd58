import { requireDockerEngine } from '../../docker/find-engine.ts'
import { readHost, startContainer } from '../../docker/start-container.ts'
import { pickPort } from '../../process/pick-port.ts'
import type { Source } from '../../sources/source.ts'
import type { PostgresServer, StartPostgresOptions } from '../postgres-server.ts'
import { formatSettings } from '../settings.ts'

/** A container where Docker answers: `HOTPATH_TEST_POSTGRES_IMAGE`, or postgres:17-alpine. */
export const postgresFromDocker: Source<'docker', StartPostgresOptions, PostgresServer> = {
  name: 'docker',
  async start({ config }) {
    await requireDockerEngine()
    const port = await pickPort()
    const container = await startContainer({
      image: process.env.HOTPATH_TEST_POSTGRES_IMAGE ?? 'postgres:17-alpine',
      port,
      innerPort: 5432,
      command: (host, innerPort) => ['postgres', ...formatSettings(host, innerPort, config)],
      environment: { POSTGRES_HOST_AUTH_METHOD: 'trust' },
      // The image starts it a first time to set it up.
      readyLog: /database system is ready to accept connections/,
      readyLogTimes: 2,
    })
    const host = readHost(container)
    return {
      url: `postgres://postgres@${host}:${port}/postgres`,
      host,
      port,
      source: 'docker',
      stop: async () => void (await container.stop({ timeout: 0 })),
    }
  },
}
