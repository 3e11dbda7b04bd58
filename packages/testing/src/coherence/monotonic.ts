/**
 * Milliseconds of the machine's monotonic clock, since some moment in the past.
 *
 * `process.hrtime` is CLOCK_MONOTONIC on Linux and its like elsewhere: all processes of one machine
 * read the same clock, and nobody can set it. So moments of different processes can be compared.
 */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6
}
