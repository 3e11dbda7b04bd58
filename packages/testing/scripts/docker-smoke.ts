/**
 * Runs a Redis from Docker through what the tests ask of one. Takes the engine that answers; as
 * root on Debian, in CI or with `--start-engine`, starts the engine of Debian's docker.io; says so
 * where there is none, which is no failure.
 */

import { hasDockerEngine } from '../src/docker/find-engine.ts'
import { findOnPath } from '../src/process/find-on-path.ts'
import { answersPing } from '../src/redis/ping.ts'
import { startRedis } from '../src/redis/start-redis.ts'
import { type Engine, startDebianEngine } from './docker/debian-engine.ts'
import { importRedisImage } from './docker/redis-image.ts'

async function main(): Promise<void> {
  if (await hasDockerEngine()) return await tryRedis()
  const engine = await tryToStartEngine()
  if (typeof engine === 'string') return say(`skipped: no Docker engine answers, and ${engine}`)
  try {
    await prepare(engine)
    await tryRedis()
  } finally {
    await engine.stop()
    say('stopped the engine')
  }
}

/** An engine, or why there is none. */
async function tryToStartEngine(): Promise<Engine | string> {
  const wanted = Boolean(process.env.CI) || process.argv.includes('--start-engine')
  if (!wanted) return 'none is started without --start-engine'
  if (process.getuid?.() !== 0) return 'only root can start one'
  if ((await findOnPath('apt-get')) === undefined) return 'only on Debian can one be had'
  try {
    const engine = await startDebianEngine()
    say(`started Debian's dockerd at ${engine.url}`)
    return engine
  } catch (error) {
    return `none could be started: ${error instanceof Error ? error.message : error}`
  }
}

async function prepare(engine: Engine): Promise<void> {
  process.env.DOCKER_HOST = engine.url
  process.env.TESTCONTAINERS_RYUK_DISABLED = 'true'
  // Inside a container it would ask for the gateway of the bridge, and there is none.
  process.env.TESTCONTAINERS_HOST_OVERRIDE = '127.0.0.1'
  process.env.HOTPATH_TEST_DOCKER_NETWORK = 'host'
  process.env.HOTPATH_TEST_REDIS_IMAGE = await importRedisImage()
  say(`imported ${process.env.HOTPATH_TEST_REDIS_IMAGE}: redis-server and its libraries`)
}

async function tryRedis(): Promise<void> {
  const server = await startRedis({ source: 'docker', faults: true })
  const expectAnswer = async (wanted: boolean, when: string): Promise<void> => {
    if ((await answersPing(server.host, server.port)) !== wanted) {
      throw new Error(`${when}, it ${wanted ? 'does not answer' : 'still answers'} PING`)
    }
    say(`${when}, it ${wanted ? 'answers' : 'does not answer'} PING`)
  }
  try {
    await expectAnswer(true, `started Redis from Docker at ${server.url}`)
    await server.pause()
    await expectAnswer(false, 'paused')
    await server.resume()
    await expectAnswer(true, 'resumed')
    await server.kill()
    await expectAnswer(false, 'killed')
    await server.restart()
    await expectAnswer(true, 'restarted on the same port')
  } finally {
    await server.stop()
  }
  await expectAnswer(false, 'stopped')
}

function say(line: string): void {
  console.log(`docker smoke: ${line}`)
}

await main()
