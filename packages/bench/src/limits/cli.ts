import { parseArgs } from 'node:util'

/** The tables that can be run by themselves. */
export type LimitsPart = 'memory' | 'redis'
const PARTS: readonly LimitsPart[] = ['memory', 'redis']

/** What a run was asked for. */
export interface LimitsPlan {
  readonly parts: readonly LimitsPart[]
  readonly rounds: number
}

export const USAGE = `npx pnpm bench:limits [--only memory,redis] [--quick]

  --only     tables to run, separated by commas (both)
  --quick    few rounds: to see that it works, not to quote

What a limit costs a request: npx pnpm bench --only http-limits,http-limits-redis,http-refused,http-refused-redis`

/** Reads the command line. Throws with what was found and what was wanted. */
export function parseLimitsPlan(args: readonly string[]): LimitsPlan {
  const { values } = parseArgs({
    args: [...args],
    options: { only: { type: 'string' }, quick: { type: 'boolean', default: false } },
  })
  const names = (values.only ?? PARTS.join()).split(',')
  return { parts: names.map(parsePart), rounds: values.quick ? 3 : 15 }
}

function parsePart(text: string): LimitsPart {
  const part = PARTS.find((known) => known === text.trim())
  if (part === undefined) throw new Error(`--only: found "${text}", wanted ${PARTS.join(', ')}`)
  return part
}
