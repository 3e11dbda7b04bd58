import { startRedis } from '@hotpath/testing'
import { showProgress } from '../runner/progress.ts'
import { runInRounds, type Series } from '../runner/rounds.ts'
import { Child } from './child.ts'
import type { Page } from './contestant.ts'
import type { HttpContestant } from './lineup.ts'
import { type HttpPart, LINEUPS } from './lineups/index.ts'
import { createPages } from './pages.ts'
import { formatPage } from './report.ts'
import { HttpSubject } from './subject.ts'

/** How long to measure. */
export interface HttpEffort {
  readonly rounds: number
  readonly turnMs: number
  /** Turns of each server that are not counted. */
  readonly warmUpTurns: number
  /**
   * How many rounds a process serves before it is replaced: what the compiler made of it, and where
   * its memory lies, is luck that lasts for a process's life.
   */
  readonly roundsPerProcess: number
}

/** A part's servers and the Redis that they share; its URL is empty where they need none. */
interface Bench {
  readonly part: HttpPart
  readonly contestants: readonly HttpContestant[]
  readonly redisUrl: string
}

/** Prints a table for each size of page. Every server is a process of its own, and so is the client. */
export async function runHttp(part: HttpPart, effort: HttpEffort): Promise<void> {
  const { title, contestants, needsRedis, isOneSize } = LINEUPS[part]
  const redis = needsRedis ? await startRedis() : undefined
  try {
    const bench = { part, contestants, redisUrl: redis?.url ?? '' }
    const pages = createPages()
    for (const page of isOneSize ? pages.slice(0, 1) : pages) {
      await runPage(bench, page, `${title}: ${page.body.length / 1_024} KB`, effort)
    }
  } finally {
    await redis?.stop()
  }
}

async function runPage(bench: Bench, page: Page, title: string, effort: HttpEffort): Promise<void> {
  const parts: Series[][] = []
  for (let done = 0; done < effort.rounds; done += effort.roundsPerProcess) {
    const rounds = Math.min(effort.roundsPerProcess, effort.rounds - done)
    const onRound = (round: number) => showProgress(title, done + round + 1, effort.rounds)
    parts.push(await runProcesses(bench, page, { ...effort, rounds }, onRound))
  }
  const series = joinSeries(bench.contestants, parts)
  process.stdout.write(`${formatPage(title, bench.contestants, series)}\n`)
}

/** Starts every server afresh, warms it, measures some rounds and ends it. */
async function runProcesses(
  { part, contestants, redisUrl }: Bench,
  page: Page,
  { rounds, turnMs, warmUpTurns }: HttpEffort,
  onRound: (round: number) => void,
): Promise<Series[]> {
  const client = new Child('client')
  const servers = contestants.map(({ name }) => new Child('server', [part, name, redisUrl]))
  try {
    const subjects = contestants.map(
      (contestant, index) =>
        new HttpSubject(contestant, servers[index] as Child, { client, page, turnMs }),
    )
    for (const subject of subjects) await subject.prepare(warmUpTurns)
    return await runInRounds(subjects, rounds, onRound)
  } finally {
    await Promise.all([client, ...servers].map((child) => child.close()))
  }
}

function joinSeries(contestants: readonly HttpContestant[], parts: readonly Series[][]): Series[] {
  return contestants.map(({ name }, index) => ({
    name,
    nanoseconds: parts.flatMap((part) => part[index]?.nanoseconds ?? []),
    cpuNanoseconds: parts.flatMap((part) => part[index]?.cpuNanoseconds ?? []),
  }))
}
