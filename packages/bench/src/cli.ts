import { parseArgs } from 'node:util'
import type { Effort } from './caches/time-scenario.ts'
import { HTTP_PARTS, type HttpPart } from './http/lineups/index.ts'
import type { HttpEffort } from './http/run-http.ts'

/** The parts that can be run by themselves. */
export type Part = 'memory' | 'redis' | 'bulk' | HttpPart
const PARTS: readonly Part[] = ['memory', 'redis', 'bulk', ...HTTP_PARTS]

/** What a run was asked for. */
export interface Plan {
  readonly parts: readonly Part[]
  readonly effort: Effort
  readonly httpEffort: HttpEffort
}

export const USAGE = `npx pnpm bench [--only memory,redis,bulk,http,http-304,http-miss,http-redis,
                    http-limits,http-limits-redis,http-refused,http-refused-redis] [--rounds N] [--quick]

  --only     parts to run, separated by commas (all)
  --rounds   rounds of each table (39; with --quick 5)
  --quick    short turns: to see that it works, not to quote`

/** Reads the command line. Throws with what was found and what was wanted. */
export function parsePlan(args: readonly string[]): Plan {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string' },
      rounds: { type: 'string' },
      quick: { type: 'boolean', default: false },
    },
  })
  const { quick, rounds: text = quick ? '5' : '39', only = PARTS.join() } = values
  const rounds = parseRounds(text)
  return {
    parts: parseParts(only),
    effort: { rounds, ...(quick ? { turnMs: 10, warmUpMs: 100 } : { turnMs: 20, warmUpMs: 500 }) },
    httpEffort: {
      rounds,
      turnMs: 100,
      roundsPerProcess: 13,
      warmUpTurns: quick ? 5 : 15,
    },
  }
}

function parseParts(text: string): Part[] {
  return text.split(',').map((name) => {
    const part = PARTS.find((known) => known === name.trim())
    if (part === undefined) throw new Error(`--only: found "${name}", wanted ${PARTS.join(', ')}`)
    return part
  })
}

function parseRounds(text: string): number {
  const rounds = Number(text)
  if (!Number.isInteger(rounds) || rounds < 1) {
    throw new Error(`--rounds: found "${text}", wanted a whole number from 1`)
  }
  return rounds
}
