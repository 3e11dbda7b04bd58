import { byId, el } from './dom.js'
import { formatCount, formatSpan } from './format.js'

const TICK_MS = 250
/** Further ahead than that a bar is not watched as it fills up. */
const WATCHED_MS = 3_600_000

let limits = []
let timer

/** Draws how much of each limit the last answer has left, and lets it fill up as time goes by. */
export function showLimits(said) {
  if (said === undefined) return
  const now = performance.now()
  limits = said.map((limit) => ({ ...limit, fullAt: now + limit.resetMs }))
  clearInterval(timer)
  timer = setInterval(tick, TICK_MS)
  tick()
}

function tick() {
  const now = performance.now()
  byId('limits').replaceChildren(...limits.map((limit) => drawLimit(limit, now)))
  const isWatched = ({ fullAt }) => fullAt > now && fullAt < now + WATCHED_MS
  if (!limits.some(isWatched)) clearInterval(timer)
}

function drawLimit({ name, limit, windowMs, left, fullAt }, now) {
  const isFull = fullAt <= now
  const shown = isFull ? limit : left
  const bar = el('div', { class: `length ${shown === 0 ? 'refused' : 'memory'}` })
  bar.style.width = `${(100 * shown) / limit}%`
  const rule = `${formatCount(limit)} in ${formatSpan(windowMs)}`
  const rest = isFull ? 'all there' : `all back in ${formatSpan(fullAt - now)}`
  return el(
    'div',
    { class: 'side' },
    el('span', {}, `${name} `, el('span', { class: 'country' }, rule)),
    el('strong', {}, `${formatCount(shown)} left`),
    el('div', { class: 'track' }, bar),
    el('span', { class: 'below' }, rest),
  )
}
