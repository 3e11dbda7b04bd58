/** What a number of seconds too large to hold means (RFC 9111 section 1.2.2). */
const LARGEST_SECONDS = 2 ** 31

/** Milliseconds of a number of seconds; `undefined` for anything but digits (RFC 9111 section 1.2.2). */
export function parseDeltaSeconds(text: string): number | undefined {
  if (!/^\d+$/.test(text)) return undefined
  return Math.min(Number(text), LARGEST_SECONDS) * 1_000
}
