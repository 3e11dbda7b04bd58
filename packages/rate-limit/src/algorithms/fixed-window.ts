import type { Algorithm } from './algorithm.ts'

/**
 * A count that starts over: the window begins with the first charge and ends `windowMs` later.
 *
 * State: `[startMs, used]`. In a span of `windowMs` that lies across an edge up to 2 × limit - 1 are
 * admitted.
 */
export const fixedWindow: Algorithm = {
  roll({ windowMs }, [startMs = 0, used = 0], nowMs) {
    if (used === 0 || nowMs >= startMs + windowMs) return []
    return [Math.min(startMs, nowMs), used]
  },
  used: (_rule, [, used = 0]) => used,
  resetMs: ({ windowMs }, [startMs], nowMs) =>
    startMs === undefined ? 0 : startMs + windowMs - nowMs,
  waitMs: ({ windowMs }, [startMs = 0], nowMs) => startMs + windowMs - nowMs,
  add(_rule, [startMs, used = 0], nowMs, cost) {
    const start = startMs ?? nowMs
    return { state: [start, used + cost], mark: [start, 0] }
  },
  giveBack(_rule, [startMs, used = 0], _nowMs, cost, [markMs]) {
    if (startMs === undefined) return []
    return startMs === markMs ? [startMs, Math.max(0, used - cost)] : [startMs, used]
  },
}
