/**
 * Runs `npx pnpm demo` as a user would, on free ports, and asks it what the README says to ask: a
 * miss, then a hit, on both ports; after a PATCH of a French city, a miss again.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'

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
  while (demo.exitCode === null) {
    const response = await fetch(url).catch(() => undefined)
    if (response?.ok) return
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  throw new Error(`The demo ended with ${demo.exitCode}`)
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
  if (demo.pid !== undefined && demo.exitCode === null) process.kill(-demo.pid, 'SIGTERM')
}
