const whole = new Intl.NumberFormat('en')
const rough = new Intl.NumberFormat('en', { maximumSignificantDigits: 2 })

export function formatCount(value) {
  return whole.format(Math.round(value))
}

/** Two digits that count: 48 ms, 4.8 ms, 0.048 ms. */
export function formatMs(ms) {
  return `${ms >= 100 ? formatCount(ms) : rough.format(ms)} ms`
}

export function formatKm(km) {
  return `${km >= 100 ? formatCount(km) : km.toFixed(1)} km`
}

/** A span of time, rounded up as far as it matters: 9 s, 3 min, 26 h. */
export function formatSpan(ms) {
  if (ms < 120_000) return `${Math.ceil(ms / 1000)} s`
  return ms < 7_200_000 ? `${Math.ceil(ms / 60_000)} min` : `${Math.ceil(ms / 3_600_000)} h`
}

export function formatAgo(date) {
  const ms = Date.now() - Date.parse(date)
  return ms < 10_000 ? 'just now' : `${formatSpan(ms)} ago`
}

export function formatTimes(times) {
  return times >= 10 ? formatCount(times) : times.toFixed(1)
}
