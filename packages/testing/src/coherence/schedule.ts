import { Chance } from './chance.ts'
import { aimOf, type FaultName, isTimed, type TimedFault } from './fault-names.ts'

/** A fault to come. Moments count from the start of the run, in milliseconds. */
export interface PlannedFault {
  readonly name: TimedFault
  /** The process that it is aimed at, as an index; a fault of Redis has none. */
  readonly place: number | undefined
  readonly atMs: number
  readonly forMs: number
}

/** What to plan for. */
export interface ScheduleRequest {
  readonly seed: number
  readonly names: readonly FaultName[]
  readonly places: number
  /** Faults begin and end within this. */
  readonly fromMs: number
  readonly toMs: number
}

const SHORTEST_SLOT_MS = 1_200
/** Long enough for faults that outlast the grace, and the time in which a loss goes unnoticed. */
const LONGEST_SLOT_MS = 5_500
const LEAST_SHARE = 0.15
const MOST_SHARE = 0.65
/** How often a second process is hit while one is. */
const COMPANY = 0.3

/**
 * Plans faults in two lines at a time, those of Redis and those of processes: one after another,
 * each in a slot of its own with calm after it, in shuffled rounds, so that every one comes before
 * any comes again. Pure: the same request gives the same plan.
 */
export function planFaults(request: ScheduleRequest): PlannedFault[] {
  const timed = request.names.filter(isTimed)
  const lines = (['redis', 'process'] as const).map((aim, index) =>
    planLine(
      request,
      timed.filter((name) => aimOf(name) === aim),
      new Chance(request.seed, index + 1),
    ),
  )
  return lines.flat().sort((one, other) => one.atMs - other.atMs)
}

function planLine(
  { places, fromMs, toMs }: ScheduleRequest,
  names: readonly TimedFault[],
  chance: Chance,
): PlannedFault[] {
  if (names.length === 0) return []
  const ideal = (toMs - fromMs) / names.length
  const slotMs = Math.min(Math.max(ideal, SHORTEST_SLOT_MS), LONGEST_SLOT_MS)
  const planned: PlannedFault[] = []
  let round: TimedFault[] = []
  for (let atMs = fromMs; atMs + slotMs <= toMs + 1; atMs += slotMs) {
    if (round.length === 0) round = chance.shuffle(names)
    const forMs = slotMs * chance.between(LEAST_SHARE, MOST_SHARE)
    const fault = aim(chance, round.pop() as TimedFault, places, atMs, forMs)
    planned.push(fault)
    if (chance.happens(COMPANY)) {
      const other = aim(chance, chance.pick(names), places, atMs + forMs / 3, forMs / 3)
      // Two faults of one thing at a time would undo each other.
      if (fault.place !== other.place) planned.push(other)
    }
  }
  return planned
}

function aim(
  chance: Chance,
  name: TimedFault,
  places: number,
  atMs: number,
  forMs: number,
): PlannedFault {
  const place = Math.floor(chance.between(0, places))
  return { name, place: aimOf(name) === 'redis' ? undefined : place, atMs, forMs }
}
