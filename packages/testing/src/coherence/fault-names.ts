/** What a fault is aimed at: all of Redis, or one process and its way there. */
export type Aim = 'redis' | 'process'

/** Faults that begin and end in the course of a run, and what each is aimed at. */
const AIMS = {
  'kill-redis': 'redis',
  'pause-redis': 'redis',
  flush: 'redis',
  evict: 'redis',
  'kill-tracking': 'redis',
  'kill-one-tracking': 'redis',
  'refuse-connections': 'redis',
  'refuse-tracking': 'redis',
  'refuse-subscriptions': 'redis',
  'kill-reader': 'process',
  'kill-lease-holder': 'process',
  'kill-invalidator': 'process',
  'pause-process': 'process',
  slow: 'process',
  'slow-unevenly': 'process',
  drop: 'process',
  stall: 'process',
  'stall-to-redis': 'process',
  'stall-from-redis': 'process',
  reset: 'process',
  'half-close': 'process',
} as const

export type TimedFault = keyof typeof AIMS

/** Every fault. The clock of one process is wrong from the beginning to the end. */
export type FaultName = TimedFault | 'clock-skew'

export const FAULT_NAMES: readonly FaultName[] = [
  ...(Object.keys(AIMS) as TimedFault[]),
  'clock-skew',
]

export function isTimed(name: FaultName): name is TimedFault {
  return name !== 'clock-skew'
}

export function aimOf(name: TimedFault): Aim {
  return AIMS[name]
}
