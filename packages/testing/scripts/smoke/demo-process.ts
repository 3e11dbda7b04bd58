import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

/** The first start on a bare machine loads 135,233 places into a PostgreSQL in the process. */
const SERVING_WITHIN_MS = 300_000
const ENDED_WITHIN_MS = 30_000

const ROOT = fileURLToPath(new URL('../../../..', import.meta.url))

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('No port')
  return address.port
}

export function startDemo(port: number, portFastify: number): ChildProcess {
  const env = { ...process.env, PORT: String(port), PORT_FASTIFY: String(portFastify) }
  // A process group of its own, for npx does not pass signals on.
  return spawn('npx', ['pnpm', 'demo'], {
    cwd: ROOT,
    env,
    detached: true,
    stdio: ['ignore', 'inherit', 'inherit'],
  })
}

export async function untilServing(demo: ChildProcess, url: string): Promise<void> {
  const deadline = AbortSignal.timeout(SERVING_WITHIN_MS)
  while (demo.exitCode === null && demo.signalCode === null) {
    const response = await fetch(url, { signal: deadline }).catch(() => undefined)
    if (response?.ok) return
    if (deadline.aborted) throw new Error(`${url} did not answer in ${SERVING_WITHIN_MS} ms`)
    await delay(200)
  }
  throw new Error(`The demo ended with ${demo.exitCode ?? demo.signalCode}`)
}

/** Ends the demo by its process group, as Ctrl-C would, and by force where that is not enough. */
export async function endDemo(demo: ChildProcess): Promise<void> {
  const group = demo.pid
  if (group === undefined) return
  signalGroup(group, 'SIGINT')
  const deadline = AbortSignal.timeout(ENDED_WITHIN_MS)
  while (signalGroup(group, 0)) {
    if (deadline.aborted) {
      signalGroup(group, 'SIGKILL')
      throw new Error(`The demo did not end within ${ENDED_WITHIN_MS} ms of SIGINT`)
    }
    await delay(50)
  }
}

/** False when no process of the group is left. */
function signalGroup(group: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-group, signal)
  } catch {
    return false
  }
}
