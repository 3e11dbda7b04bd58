import { showProgress } from '../runner/progress.ts'
import { runInRounds } from '../runner/rounds.ts'
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
}

/** Prints a table for each size of page. Every server is a process of its own, and so is the client. */
export async function runHttp(effort: HttpEffort): Promise<void> {
  const client = new Child('client')
  const servers = HTTP_LINEUP.map(({ name }) => new Child('server', [name]))
  try {
    for (const page of createPages()) await measurePage(page, client, servers, effort)
  } finally {
    await Promise.all([client, ...servers].map((child) => child.close()))
  }
}

async function measurePage(
  page: Page,
  client: Child,
  servers: readonly Child[],
  { rounds, turnMs, warmUpTurns }: HttpEffort,
): Promise<void> {
  const subjects = HTTP_LINEUP.map(
    (contestant, index) =>
      new HttpSubject(contestant, servers[index] as Child, { client, page, turnMs }),
  )
  for (const subject of subjects) await subject.prepare(warmUpTurns)
  const title = `HTTP hit: ${page.body.length / 1_024} KB`
  const series = await runInRounds(subjects, rounds, (round) =>
    showProgress(title, round + 1, rounds),
  )
  process.stdout.write(`${formatPage(title, HTTP_LINEUP, series)}\n`)
}
