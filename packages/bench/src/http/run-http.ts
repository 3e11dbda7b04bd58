import { showProgress } from '../runner/progress.ts'
import { runInRounds, type Series } from '../runner/rounds.ts'
import { Child } from './child.ts'
import type { Page } from './contestant.ts'
import { HTTP_LINEUP } from './lineup.ts'
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

/** Prints a table for each size of page. Every server is a process of its own, and so is the client. */
export async function runHttp(effort: HttpEffort): Promise<void> {
  for (const page of createPages()) {
    const title = `HTTP hit: ${page.body.length / 1_024} KB`
    const parts: Series[][] = []
    for (let done = 0; done < effort.rounds; done += effort.roundsPerProcess) {
      const rounds = Math.min(effort.roundsPerProcess, effort.rounds - done)
      const onRound = (round: number) => showProgress(title, done + round + 1, effort.rounds)
      parts.push(await runProcesses(page, { ...effort, rounds }, onRound))
    }
    process.stdout.write(`${formatPage(title, HTTP_LINEUP, joinSeries(parts))}\n`)
  }
}

/** Starts every server afresh, warms it, measures some rounds and ends it. */
async function runProcesses(
  page: Page,
  { rounds, turnMs, warmUpTurns }: HttpEffort,
  onRound: (round: number) => void,
): Promise<Series[]> {
  const client = new Child('client')
  const servers = HTTP_LINEUP.map(({ name }) => new Child('server', [name]))
  try {
    const subjects = HTTP_LINEUP.map(
      (contestant, index) =>
        new HttpSubject(contestant, servers[index] as Child, { client, page, turnMs }),
    )
    for (const subject of subjects) await subject.prepare(warmUpTurns)
    return await runInRounds(subjects, rounds, onRound)
  } finally {
    await Promise.all([client, ...servers].map((child) => child.close()))
  }
}

function joinSeries(parts: readonly Series[][]): Series[] {
  return HTTP_LINEUP.map(({ name }, index) => ({
    name,
    nanoseconds: parts.flatMap((part) => part[index]?.nanoseconds ?? []),
    cpuNanoseconds: parts.flatMap((part) => part[index]?.cpuNanoseconds ?? []),
  }))
}
