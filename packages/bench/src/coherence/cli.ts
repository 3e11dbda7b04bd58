import { parseArgs } from 'node:util'
import { FAULT_NAMES, type FaultName } from '@hotpath/testing/coherence'

/**
 * Whose caches can be checked. `unfenced` and `deaf` are ours with a protection taken out: the check must fail on
 * them.
 */
export const DRIVERS = ['hotpath', 'unfenced', 'deaf', 'bentocache', 'cacheable'] as const
export type DriverName = (typeof DRIVERS)[number]

export const NO_FAULTS: readonly FaultName[] = []

/** What a run was asked for. */
export interface CheckPlan {
  readonly driver: DriverName
  readonly seconds: number
  readonly seed: number
  readonly processes: number
  readonly faults: readonly FaultName[]
  /** All drivers one after another, with and without faults, in one table. */
  readonly isComparison: boolean
  /** To succeed only if there are stale reads: shows that the check can fail. */
  readonly mustFail: boolean
  /** Where to write the whole history, an event a line. */
  readonly historyFile: string | undefined
}

export const USAGE: string = `npx pnpm check:coherence [options]

  --seconds    how long (60)
  --seed       for traffic and faults (random)
  --processes  how many (4)
  --driver     ${DRIVERS.join(', ')} (hotpath)
  --faults     all, none, or some of, separated by commas:
               ${FAULT_NAMES.join(', ')} (all)
  --compare    all drivers, without faults and with them, in one table
  --must-fail  to succeed only if there are stale reads
  --history    a file for the whole history, an event a line`

/** Reads the command line. Throws with what was found and what was wanted. */
export function parseCheck(args: readonly string[], randomSeed: number): CheckPlan {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seconds: { type: 'string', default: '60' },
      seed: { type: 'string', default: String(randomSeed) },
      processes: { type: 'string', default: '4' },
      driver: { type: 'string', default: 'hotpath' },
      faults: { type: 'string', default: 'all' },
      compare: { type: 'boolean', default: false },
      'must-fail': { type: 'boolean', default: false },
      history: { type: 'string' },
    },
  })
  return {
    driver: parseName('driver', values.driver, DRIVERS),
    seconds: parseNumber('seconds', values.seconds, 5),
    seed: parseNumber('seed', values.seed, 0),
    processes: parseNumber('processes', values.processes, 2),
    faults: parseFaults(values.faults),
    isComparison: values.compare,
    mustFail: values['must-fail'],
    historyFile: values.history,
  }
}

function parseFaults(text: string): readonly FaultName[] {
  if (text === 'all') return FAULT_NAMES
  if (text === 'none') return NO_FAULTS
  return text.split(',').map((name) => parseName('faults', name.trim(), FAULT_NAMES))
}

function parseName<T extends string>(option: string, text: string, names: readonly T[]): T {
  const name = names.find((known) => known === text)
  if (name === undefined) {
    throw new Error(`--${option}: found "${text}", wanted ${names.join(', ')}`)
  }
  return name
}

function parseNumber(option: string, text: string, least: number): number {
  const number = Number(text)
  if (!Number.isInteger(number) || number < least) {
    throw new Error(`--${option}: found "${text}", wanted a whole number from ${least}`)
  }
  return number
}
