import { setTimeout as delay } from 'node:timers/promises'
import { monotonicMs } from './monotonic.ts'
import { type Laboratory, performFault } from './perform-fault.ts'
import type { PlannedFault } from './schedule.ts'

/**
 * Carries a plan out; resolves when everything is mended. A fault of something that is still broken
 * waits until that is mended.
 */
export async function runFaults(
  laboratory: Laboratory,
  plan: readonly PlannedFault[],
  startMs: number,
): Promise<void> {
  const lines = new Map<number | undefined, PlannedFault[]>()
  for (const planned of plan) {
    const line = lines.get(planned.place) ?? []
    lines.set(planned.place, [...line, planned])
  }
  const runLine = async (line: readonly PlannedFault[]): Promise<void> => {
    for (const planned of line) {
      await delay(Math.max(startMs + planned.atMs - monotonicMs(), 0))
      await runFault(laboratory, planned)
    }
  }
  await Promise.all([...lines.values()].map(runLine))
}

async function runFault(
  laboratory: Laboratory,
  { name, place, forMs }: PlannedFault,
): Promise<void> {
  const begin = monotonicMs()
  const { mend, deafens } = await performFault(laboratory, name, place ?? 0)
  await delay(forMs)
  await mend()
  laboratory.record({ kind: 'fault', name, place, deafens, begin, end: monotonicMs() })
}
