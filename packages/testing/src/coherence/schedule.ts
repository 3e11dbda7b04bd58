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
const LONGEST_SLOT_MS = 3_000
const LEAST_SHARE = 0.15
const MOST_SHARE = 0.7
/** How often a second fault comes while one lasts. */
const COMPANY = 0.3

/**
 * Plans faults one after another, each in a slot of its own with calm after it, in shuffled rounds:
 * every one comes before any comes again. Now and then a short one aimed elsewhere comes in the
 * middle of another. Pure: the same request gives the same plan.
 */
export function planFaults({ seed, names, places, fromMs, toMs }: ScheduleRequest): PlannedFault[] {
  const timed = names.filter(isTimed)
  if (timed.length === 0) return []
  const chance = new Chance(seed, 1)
  const ideal = (toMs - fromMs) / timed.length
  const slotMs = Math.min(Math.max(ideal, SHORTEST_SLOT_MS), LONGEST_SLOT_MS)
  const planned: PlannedFault[] = []
  let round: TimedFault[] = []
  for (let atMs = fromMs; atMs + slotMs <= toMs + 1; atMs += slotMs) {
    if (round.length === 0) round = chance.shuffle(timed)
    const forMs = slotMs * chance.between(LEAST_SHARE, MOST_SHARE)
    const fault = aim(chance, round.pop() as TimedFault, places, atMs, forMs)
    planned.push(fault)
    if (chance.happens(COMPANY)) {
      const other = aim(chance, chance.pick(timed), places, atMs + forMs / 3, forMs / 3)
      if (areApart(fault, other)) planned.push(other)
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

/** Two faults of one thing at a time would undo each other. */
function areApart(one: PlannedFault, other: PlannedFault): boolean {
  return one.place !== other.place
}
