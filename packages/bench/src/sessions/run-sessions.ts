import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { performance } from 'node:perf_hooks'
import { startRedis } from '@hotpath/testing'
import { Connection } from '../http/connection.ts'
import { type Cost, runInRounds, type Series, type Timed } from '../runner/rounds.ts'
import { median, ratioTo } from '../runner/statistics.ts'
import { formatCount, formatTable } from '../runner/table.ts'
import { CONTESTANTS } from './contestants.ts'

const CONNECTIONS = 32
const BODY_BYTES = JSON.stringify({ ok: true }).length

/** Requests with a session, ours beside the peers': each connection has a session of its own. */
export async function runSessions(rounds: number, turnMs: number): Promise<void> {
  const redis = await startRedis()
  try {
    const groups = new Set(CONTESTANTS.map((one) => one.group))
    for (const group of groups) {
      const rows: string[][] = []
      for (const path of ['/read', '/write']) {
        rows.push(...(await runGroup(group, path, redis.url, rounds, turnMs)))
      }
      process.stdout.write(
        `${formatTable(group, ['', 'requests/s', 'time, ours = 1', 'processor, ours = 1'], rows)}\n`,
      )
    }
  } finally {
    await redis.stop()
  }
}

async function runGroup(
  group: string,
  path: string,
  redisUrl: string,
  rounds: number,
  turnMs: number,
): Promise<string[][]> {
  const running = await Promise.all(
    CONTESTANTS.filter((one) => one.group === group).map(async ({ name, start }) => {
      const { server, close } = await start(redisUrl)
      const port = await listen(server)
      const cookies = await Promise.all(
        Array.from({ length: CONNECTIONS }, () => beginSession(port)),
      )
      const timed: Timed = { name, turn: () => burst(port, path, cookies, turnMs) }
      return { timed, server, close }
    }),
  )
  try {
    const subjects = running.map(({ timed }) => timed)
    await runInRounds(subjects, 1, () => {})
    return formatRows(path, await runInRounds(subjects, rounds, () => {}))
  } finally {
    for (const { server, close } of running) {
      server.closeAllConnections()
      server.close()
      await close()
    }
  }
}

function formatRows(path: string, series: readonly Series[]): string[][] {
  const [reference] = series
  if (reference === undefined) return []
  return series.map(({ name, nanoseconds, cpuNanoseconds }) => [
    `${name} ${path}`,
    formatCount(1e9 / median(nanoseconds)),
    ratioTo(reference.nanoseconds, nanoseconds).toFixed(2),
    ratioTo(reference.cpuNanoseconds, cpuNanoseconds).toFixed(2),
  ])
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

async function beginSession(port: number): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}/write`)
  const [field = ''] = response.headers.getSetCookie()
  const [cookie = ''] = field.split(';')
  if (cookie === '') throw new Error('A session without a cookie')
  return cookie
}

async function burst(
  port: number,
  path: string,
  cookies: readonly string[],
  turnMs: number,
): Promise<Cost> {
  const pool = cookies.map(
    (cookie) => new Connection({ port, path, bodyBytes: BODY_BYTES, cookie }),
  )
  try {
    await Promise.all(pool.map(({ opened }) => opened))
    const cpuBefore = process.cpuUsage()
    const startMs = performance.now()
    const counts = await Promise.all(
      pool.map((connection) => connection.run(() => performance.now() - startMs < turnMs)),
    )
    const elapsedMs = performance.now() - startMs
    const cpu = process.cpuUsage(cpuBefore)
    const requests = counts.reduce((sum, count) => sum + count)
    const cpuNanoseconds = ((cpu.user + cpu.system) * 1_000) / requests
    return { nanoseconds: (elapsedMs * 1e6) / requests, cpuNanoseconds }
  } finally {
    for (const connection of pool) connection.close()
  }
}
