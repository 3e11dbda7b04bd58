import { randomBytes } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { Bounds } from './bounds.ts'
import { Chance } from './chance.ts'
import { type Converged, converge } from './converge.ts'
import { Crew } from './crew.ts'
import type { FaultName } from './fault-names.ts'
import { EVERYONE, type HistoryEvent } from './history.ts'
import { type Judgement, judge } from './judge.ts'
import { monotonicMs } from './monotonic.ts'
import { runFaults } from './run-faults.ts'
import { planFaults } from './schedule.ts'
import { openSite, type Site } from './site.ts'
import { type Tally, tallyOf } from './tally.ts'
import { watchSleep } from './watch-sleep.ts'

/** What to run. */
export interface CoherencePlan {
  /** The module whose `driver` makes the caches: a file URL. */
  readonly driverUrl: string
  readonly seconds: number
  readonly seed: number
  readonly processes: number
  readonly faults: readonly FaultName[]
  readonly bounds: Bounds
  readonly convergesWithinMs: number
  readonly report: (progress: Progress) => void
}

/** How far a run has come. */
export interface Progress {
  readonly elapsedMs: number
  readonly events: number
  readonly faults: number
}

/** What a run came to. */
export interface CoherenceResult {
  readonly history: readonly HistoryEvent[]
  /** When traffic began. */
  readonly startMs: number
  readonly judgement: Judgement
  readonly tally: Tally
  /** After the faults were mended, and again after calm traffic. */
  readonly converged: readonly Converged[]
  /** Faults that were to come. */
  readonly planned: readonly FaultName[]
  /** Processes that ended though nobody had meant them to. */
  readonly failed: readonly string[]
}

const FIRST_FAULT_MS = 1_000
const CALM_SHARE = 0.1
const LONGEST_CALM_MS = 3_000
const LEASE_TIMEOUT_MS = 2_000
const SKEW_MS = 5 * 60_000
const REPORT_EVERY_MS = 5_000

/** Runs processes, traffic and faults on real servers, and judges what happened. */
export async function runCoherence(plan: CoherencePlan): Promise<CoherenceResult> {
  const history: HistoryEvent[] = []
  const site = await openSite(plan.processes)
  const crew = createCrew(plan, site, history)
  const stopWatching = watchSleep(EVERYONE, (nap) => history.push(nap))
  const killCrew = (): void => void crew.kill()
  process.once('exit', killCrew)
  try {
    await crew.start()
    const run = await perform(plan, site, crew, history)
    await crew.quit()
    const judgement = judge(history, plan.bounds)
    return { history, judgement, tally: tallyOf(history), failed: crew.failed, ...run }
  } finally {
    process.off('exit', killCrew)
    stopWatching()
    await crew.kill()
    await site.close()
  }
}

type Run = Pick<CoherenceResult, 'startMs' | 'converged' | 'planned'>

async function perform(
  plan: CoherencePlan,
  site: Site,
  crew: Crew,
  history: HistoryEvent[],
): Promise<Run> {
  const { seconds, seed, faults: names, processes: places, convergesWithinMs } = plan
  const calmMs = Math.min(seconds * 1_000 * CALM_SHARE, LONGEST_CALM_MS)
  const toMs = seconds * 1_000 - calmMs
  const planned = planFaults({ seed, names, places, fromMs: FIRST_FAULT_MS, toMs })
  const startMs = monotonicMs()
  const reporting = reportProgress(plan, history, startMs)
  const record = (event: HistoryEvent): void => void history.push(event)
  const laboratory = { ...site, server: site.redis, crew, chance: new Chance(seed, 2), record }
  try {
    crew.run()
    await Promise.all([runFaults(laboratory, planned, startMs), delay(toMs)])
    const mendedMs = monotonicMs()
    if (names.includes('clock-skew')) {
      const span = { begin: startMs, end: mendedMs }
      record({ kind: 'fault', name: 'clock-skew', place: places - 1, deafens: [], ...span })
    }
    const settle = (fromMs: number): Promise<Converged> =>
      converge(crew, site.source, history, fromMs, convergesWithinMs)
    const afterFaults = await settle(mendedMs)
    crew.run()
    await delay(calmMs)
    const afterCalm = await settle(monotonicMs())
    const skews: FaultName[] = names.filter((name) => name === 'clock-skew')
    return {
      startMs,
      converged: [afterFaults, afterCalm],
      planned: [...new Set([...planned.map(({ name }) => name), ...skews])],
    }
  } finally {
    clearInterval(reporting)
  }
}

function createCrew(plan: CoherencePlan, site: Site, history: HistoryEvent[]): Crew {
  const { driverUrl, seed, bounds, faults } = plan
  const skewed = faults.includes('clock-skew') ? site.proxies.length - 1 : -1
  const skewMs = new Chance(seed, 3).pick([SKEW_MS, -SKEW_MS])
  const settings = {
    driverUrl,
    seed,
    postgresUrl: site.postgres.url,
    namespace: `coherence-${randomBytes(4).toString('hex')}`,
    graceMs: bounds.graceMs,
    leaseTimeoutMs: LEASE_TIMEOUT_MS,
    redisUrls: site.proxies.map(({ host, port }) => `redis://${host}:${port}`),
    clockOffsetsMs: site.proxies.map((_, place) => (place === skewed ? skewMs : 0)),
  }
  return new Crew(settings, (event) => history.push(event))
}

function reportProgress(
  { report }: CoherencePlan,
  history: readonly HistoryEvent[],
  startMs: number,
): NodeJS.Timeout {
  return setInterval(() => {
    const elapsedMs = monotonicMs() - startMs
    const faults = history.filter(({ kind }) => kind === 'fault').length
    report({ elapsedMs, events: history.length, faults })
  }, REPORT_EVERY_MS)
}
