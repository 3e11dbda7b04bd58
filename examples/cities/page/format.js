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

export function formatTimes(times) {
  return times >= 10 ? formatCount(times) : times.toFixed(1)
}
