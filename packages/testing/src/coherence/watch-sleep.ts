import type { Asleep } from './history.ts'
import { monotonicMs } from './monotonic.ts'

const TICK_MS = 20
/** A tick that is late by more means that this process did not run. */
const LATE_MS = 40

/**
 * Tells of the times in which this process did not run: it was stopped, or others had the machine.
 * Returns what ends it.
 */
export function watchSleep(process: string, tell: (nap: Asleep) => void): () => void {
  let last = monotonicMs()
  const timer = setInterval(() => {
    const now = monotonicMs()
    if (now - last > TICK_MS + LATE_MS) tell({ kind: 'asleep', process, begin: last, end: now })
    last = now
  }, TICK_MS)
  timer.unref()
  return () => clearInterval(timer)
}
