/** Refusals that lead to a ban. Times in milliseconds. */
export interface BanRule {
  /** Refusals that are one too many; 0: nobody is banned. */
  readonly after: number
  readonly durationMs: number
  /** By what each ban is longer than the one before. */
  readonly factor: number
  /** Refusals and bans older than this are forgotten. */
  readonly forgetMs: number
}

/** Refusals so far, bans so far, and until when the last one lasts. */
export type BanState = readonly [strikes: number, bans: number, untilMs: number]

/** A thousand years: no ban is longer. */
export const LONGEST_BAN_MS: number = 1_000 * 365 * 86_400_000

/** Counts one refusal, and bans if it is one too many. */
export function strike(rule: BanRule, [strikes, bans, untilMs]: BanState, nowMs: number): BanState {
  if (rule.after === 0) return [strikes, bans, untilMs]
  if (strikes + 1 < rule.after) return [strikes + 1, bans, untilMs]
  return [0, bans + 1, nowMs + durationOf(rule, bans)]
}

/** How long the state is to be kept. */
export function banKeptMs(rule: BanRule, [, , untilMs]: BanState, nowMs: number): number {
  return Math.max(0, untilMs - nowMs) + rule.forgetMs
}

/** By repeated multiplication, for a power may come out differently in Lua. */
function durationOf({ durationMs, factor }: BanRule, bans: number): number {
  let ms = durationMs
  for (let ban = 0; ban < bans && ms < LONGEST_BAN_MS; ban += 1) ms *= factor
  return Math.min(LONGEST_BAN_MS, Math.floor(ms))
}
