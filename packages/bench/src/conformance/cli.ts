import { parseArgs } from 'node:util'
import { FRONTS, type FrontName } from './fronts.ts'

export const STORES = ['memory', 'redis'] as const
export type StoreName = (typeof STORES)[number]

const FRONT_NAMES = Object.keys(FRONTS) as FrontName[]

/** What a check was asked for. */
export interface CheckPlan {
  readonly fronts: readonly FrontName[]
  readonly stores: readonly StoreName[]
  /** This case alone, with what goes over the wire. */
  readonly onlyId: string | undefined
  /** With what the suite says of each case that failed. */
  readonly isVerbose: boolean
}

export const USAGE: string = `npx pnpm conformance [options]

  --front    ${FRONT_NAMES.join(', ')} (all)
  --store    ${STORES.join(', ')} (all)
  --id       one case alone, with what goes over the wire
  --verbose  says of each failure what the suite says`

/** Reads the command line. Throws with what was found and what was wanted. */
export function parseCheck(args: readonly string[]): CheckPlan {
  const { values } = parseArgs({
    args: [...args],
    options: {
      front: { type: 'string' },
      store: { type: 'string' },
      id: { type: 'string' },
      verbose: { type: 'boolean', default: false },
    },
  })
  return {
    fronts: pick('front', values.front, FRONT_NAMES),
    stores: pick('store', values.store, STORES),
    onlyId: values.id,
    isVerbose: values.verbose,
  }
}

function pick<T extends string>(
  option: string,
  text: string | undefined,
  names: readonly T[],
): readonly T[] {
  if (text === undefined) return names
  const name = names.find((known) => known === text)
  if (name === undefined) {
    throw new Error(`--${option}: found "${text}", wanted ${names.join(', ')}`)
  }
  return [name]
}
