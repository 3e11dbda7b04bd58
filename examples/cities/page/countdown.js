import { formatSpan } from './format.js'

const TICK_MS = 200

/** Writes into `element` how long it still takes; resolves when the time is over. */
export function countDown(element, ms) {
  const end = performance.now() + ms
  return new Promise((resolve) => {
    const tick = () => {
      const left = end - performance.now()
      element.textContent = formatSpan(Math.max(0, left))
      if (left > 0) return
      clearInterval(timer)
      resolve()
    }
    const timer = setInterval(tick, TICK_MS)
    tick()
  })
}
