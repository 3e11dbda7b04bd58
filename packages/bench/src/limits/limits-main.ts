import { startRedis } from '@hotpath/testing'
import { runInRounds } from '../runner/rounds.ts'
import { median, ratioTo } from '../runner/statistics.ts'
import { formatCount, formatTable } from '../runner/table.ts'
import { parseLimitsPlan, USAGE } from './cli.ts'
import { type Contestant, inMemory, inRedis } from './contestants.ts'

const WIDTH = 100
const KEYS = Array.from({ length: 1_000 }, (_, n) => `client-${n}`)

async function timeTurn(
  { consume }: Contestant,
  decisions: number,
): Promise<{ nanoseconds: number; cpuNanoseconds: number }> {
  const cpuBefore = process.cpuUsage()
  const before = process.hrtime.bigint()
  for (let done = 0; done < decisions; done += WIDTH) {
    const batch = Array.from({ length: WIDTH }, (_, at) =>
      consume(KEYS[(done + at) % KEYS.length] as string),
    )
    await Promise.all(batch)
  }
  const nanoseconds = Number(process.hrtime.bigint() - before) / decisions
  const cpu = process.cpuUsage(cpuBefore)
  return { nanoseconds, cpuNanoseconds: ((cpu.user + cpu.system) * 1_000) / decisions }
}

async function compare(
  title: string,
  contestants: readonly Contestant[],
  { decisions, rounds }: { decisions: number; rounds: number },
): Promise<void> {
  for (const contestant of contestants) await timeTurn(contestant, decisions)
  const timed = contestants.map((contestant) => ({
    name: contestant.name,
    turn: () => timeTurn(contestant, decisions),
  }))
  const series = await runInRounds(timed, rounds, () => {})
  const reference = series[0]?.nanoseconds ?? []
  const rows = series.map(({ name, nanoseconds, cpuNanoseconds }) => [
    name,
    formatCount(1e9 / median(nanoseconds)),
    formatCount(1e9 / Math.max(...nanoseconds)),
    formatCount(1e9 / Math.min(...nanoseconds)),
    ratioTo(reference, nanoseconds).toFixed(2),
    formatCount(median(cpuNanoseconds)),
  ])
  const columns = ['', 'decisions/s', 'min', 'max', 'time, ratio', 'CPU ns']
  console.log(formatTable(`${title}, ${WIDTH} at once, medians of ${rounds} rounds`, columns, rows))
  await Promise.all(contestants.map((contestant) => contestant.close()))
}

async function main(): Promise<void> {
  const { parts, rounds } = parseLimitsPlan(process.argv.slice(2))
  if (parts.includes('memory')) {
    await compare('Memory', await inMemory(), { decisions: 20_000, rounds })
  }
  if (!parts.includes('redis')) return
  const server = await startRedis()
  try {
    await compare('Redis', await inRedis(server.url), { decisions: 5_000, rounds })
  } finally {
    await server.stop()
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : error}\n\n${USAGE}\n`)
  process.exitCode = 1
})
