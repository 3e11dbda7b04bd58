import { performance } from 'node:perf_hooks'
import { showProgress } from '../runner/progress.ts'
import { type Cost, runInRounds, type Series, type Timed } from '../runner/rounds.ts'
import type { Contestant } from './contestant.ts'
import type { Scenario } from './scenario.ts'

/** How long to measure. */
export interface Effort {
  readonly rounds: number
  /** How long a turn is to take, about. */
  readonly turnMs: number
  /** How long each contestant runs before it is timed. */
  readonly warmUpMs: number
}

/** Measures one scenario: everybody warm, then rounds of short turns, then everything closed. */
export async function timeScenario<C extends Contestant>(
  scenario: Scenario<C>,
  effort: Effort,
): Promise<Series[]> {
  try {
    const timed: Timed[] = []
    for (const contestant of scenario.contestants) {
      await scenario.prepare(contestant)
      timed.push(await warmUp(scenario, contestant, effort))
    }
    return await runInRounds(timed, effort.rounds, (round) =>
      showProgress(scenario.title, round + 1, effort.rounds),
    )
  } finally {
    await Promise.all(scenario.contestants.map((contestant) => contestant.teardown()))
  }
}

/** Runs a contestant until its code is compiled, and finds out how many laps make a turn. */
async function warmUp<C extends Contestant>(
  scenario: Scenario<C>,
  contestant: C,
  { turnMs, warmUpMs }: Effort,
): Promise<Timed> {
  let laps = 1
  let spentMs = 0
  while (spentMs < warmUpMs) {
    const { nanoseconds } = await timeLaps(scenario, contestant, laps)
    const lapMs = (nanoseconds * scenario.operationsPerLap) / 1e6
    spentMs += lapMs * laps
    laps = Math.max(1, Math.round(turnMs / lapMs))
  }
  return { name: contestant.name, turn: () => timeLaps(scenario, contestant, laps) }
}

async function timeLaps<C extends Contestant>(
  scenario: Scenario<C>,
  contestant: C,
  laps: number,
): Promise<Cost> {
  const cpuBefore = process.cpuUsage()
  const startMs = performance.now()
  await scenario.run(contestant, laps)
  const elapsedMs = performance.now() - startMs
  const cpu = process.cpuUsage(cpuBefore)
  await scenario.check(contestant, laps)
  const operations = laps * scenario.operationsPerLap
  return {
    nanoseconds: (elapsedMs * 1e6) / operations,
    cpuNanoseconds: ((cpu.user + cpu.system) * 1e3) / operations,
  }
}
