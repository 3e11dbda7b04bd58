/**
 * Runs `npx pnpm demo` as a user would, on free ports, and asks it what the README says to ask: a
 * miss, then a hit, on both ports; after a PATCH of a French city, a miss again.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

/** The first start on a bare machine loads 135,233 places into a PostgreSQL in the process. */
const SERVING_WITHIN_MS = 300_000
const ENDED_WITHIN_MS = 30_000

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const SUMMARY = '/api/countries/FR/summary'
const PARIS = '/api/cities/2988507'

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('No port')
  return address.port
}

function startDemo(port: number, portFastify: number): ChildProcess {
  const env = { ...process.env, PORT: String(port), PORT_FASTIFY: String(portFastify) }
  // A process group of its own, for npx does not pass signals on.
  return spawn('npx', ['pnpm', 'demo'], {
    cwd: ROOT,
    env,
    detached: true,
    stdio: ['ignore', 'inherit', 'inherit'],
  })
}

async function untilServing(demo: ChildProcess, url: string): Promise<void> {
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
async function endDemo(demo: ChildProcess): Promise<void> {
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

async function expectStatus(url: string, wanted: 'miss' | 'hit'): Promise<void> {
  const response = await fetch(url)
  await response.arrayBuffer()
  const status = response.headers.get('cache-status') ?? ''
  console.log(`GET ${url} -> ${response.status} ${status}`)
  const found = /;\s*hit\b/.test(status) ? 'hit' : 'miss'
  if (!response.ok || found !== wanted) throw new Error(`${url}: found ${found}, wanted ${wanted}`)
}

async function patchParis(origin: string, population: number): Promise<void> {
  const response = await fetch(origin + PARIS, {
    method: 'PATCH',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ population }),
  })
  console.log(`PATCH ${origin}${PARIS} -> ${response.status}`)
  if (!response.ok) throw new Error(`PATCH: ${response.status} ${await response.text()}`)
}

const ports = [await freePort(), await freePort()] as const
const origins = ports.map((port) => `http://127.0.0.1:${port}`)
const demo = startDemo(...ports)
try {
  for (const origin of origins) await untilServing(demo, `${origin}/`)
  for (const origin of origins) {
    await expectStatus(origin + SUMMARY, 'miss')
    await expectStatus(origin + SUMMARY, 'hit')
  }
  await patchParis(origins[0] as string, 2_140_000)
  for (const origin of origins) await expectStatus(origin + SUMMARY, 'miss')
  console.log('The demo does what the README says')
} finally {
  await endDemo(demo)
}
