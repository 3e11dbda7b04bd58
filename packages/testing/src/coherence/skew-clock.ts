/**
 * Makes the wall clock of this process wrong by so much, for everybody who asks `Date.now`. Timers
 * and the monotonic clock go on as they are.
 */
export function skewClock(offsetMs: number): void {
  if (offsetMs === 0) return
  const right = Date.now
  Date.now = () => right() + offsetMs
}
