import { chown, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { pickPort } from '../process/pick-port.ts'
import { run } from '../process/run.ts'
import { SupervisedProcess } from '../process/supervised-process.ts'
import { SourceUnavailable } from '../sources/source.ts'
import { acceptsConnections } from './accepts-connections.ts'
import type { PostgresServer } from './postgres-server.ts'
import { formatSettings, type PostgresConfig } from './settings.ts'
import { findUnprivilegedUser, type User } from './unprivileged-user.ts'

/** PostgreSQL's executables and what they need to run. */
export interface PostgresProgram {
  readonly source: 'binary' | 'package'
  /** Where `postgres` and `initdb` are. */
  readonly folder: string
  readonly env?: NodeJS.ProcessEnv | undefined
}

const HOST = '127.0.0.1'
const READY_WITHIN_MS = 30_000
const INITDB = ['-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync']

/** Makes an empty cluster in a temporary folder and serves it on a free port of 127.0.0.1. */
export async function startPostgresProcess(
  program: PostgresProgram,
  config?: PostgresConfig,
): Promise<PostgresServer> {
  const user = await findUnprivilegedUser()
  const folder = await createDataFolder(program, user)
  try {
    return await serve(program, user, folder, config)
  } catch (error) {
    await rm(folder, { recursive: true, force: true })
    throw error
  }
}

async function createDataFolder(program: PostgresProgram, user: User): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'hotpath-postgres-'))
  const { uid, gid } = user
  if (uid !== undefined && gid !== undefined) await chown(folder, uid, gid)
  const options = { ...user, env: program.env ?? process.env, cwd: '/' }
  try {
    await run(join(program.folder, 'initdb'), ['-D', folder, ...INITDB], options)
    return folder
  } catch (error) {
    await rm(folder, { recursive: true, force: true })
    const why = error instanceof Error ? error.message : String(error)
    throw new SourceUnavailable(`postgres (${program.source}): ${why}`, 'machine', error)
  }
}

async function serve(
  program: PostgresProgram,
  user: User,
  folder: string,
  config?: PostgresConfig,
): Promise<PostgresServer> {
  const port = await pickPort()
  const args = ['-D', folder, '-k', '', ...formatSettings(HOST, port, config)]
  const command = join(program.folder, 'postgres')
  const { env, source } = program
  const server = await SupervisedProcess.start({ command, args, env, folder, ...user })
  await untilReady(server, port)
  return {
    url: `postgres://postgres@${HOST}:${port}/postgres`,
    host: HOST,
    port,
    source,
    // SIGQUIT is PostgreSQL's "immediate": all its processes end, nothing is written back.
    stop: () => server.end('SIGQUIT'),
  }
}

async function untilReady(server: SupervisedProcess, port: number): Promise<void> {
  const startMs = performance.now()
  while (performance.now() - startMs < READY_WITHIN_MS) {
    const accepts = await acceptsConnections(HOST, port)
    // Asked last: on a port that was taken, somebody else would be answering.
    if (!server.isRunning) break
    if (accepts) return
    await delay(10)
  }
  await server.end('SIGQUIT')
  throw new Error(`postgres did not start on port ${port}:\n${server.log}`)
}
