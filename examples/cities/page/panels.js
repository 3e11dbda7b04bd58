import { drawChart } from './chart.js'
import { byId, el } from './dom.js'
import { formatMs, formatTimes } from './format.js'
import { compare, history, isSlow } from './history.js'
import { drawBadge, NAMES } from './kinds.js'

const ROWS = 8

/** Redraws what the page shows of the requests so far. */
export function showHistory() {
  const last = history.at(-1)
  const lastSlow = history.findLast((request) => request.status === 200 && isSlow(request))
  byId('compare').replaceChildren(...drawComparison(lastSlow?.path))
  byId('chart').replaceChildren(
    ...(last ? [drawChart(history, byId('chart').clientWidth), drawLegend()] : []),
  )
  byId('log').replaceChildren(...(last ? [drawLog()] : [hint('Nothing has been asked yet.')]))
}

function drawComparison(path) {
  if (path === undefined) {
    return [hint('Ask for a country, then ask again: the second answer comes from the cache.')]
  }
  const { missMs, hitMs } = compare(path)
  return [
    el('p', { class: 'hint path-line' }, el('code', {}, path)),
    drawSide('Without the cache', 'miss', missMs, missMs ?? hitMs),
    drawSide('From the cache', 'memory', hitMs, missMs ?? hitMs),
    el('p', { class: 'verdict' }, verdict(missMs, hitMs)),
  ]
}

function verdict(missMs, hitMs) {
  if (hitMs === undefined) return hint('Ask again to compare.')
  if (missMs === undefined) {
    return hint(
      'It was cached already. Change a population in it to see an answer without the cache.',
    )
  }
  return missMs > hitMs
    ? `${formatTimes(missMs / hitMs)} times faster`
    : 'No faster: this query was quick already'
}

/** One bar of two on one plain scale, so that the difference is seen as it is. */
function drawSide(label, kind, ms, longestMs) {
  const bar = el('div', { class: `length ${kind}` })
  bar.style.width = ms === undefined ? '0' : `${Math.max(0.3, (100 * ms) / longestMs)}%`
  return el(
    'div',
    { class: 'side' },
    el('span', {}, label),
    el('strong', {}, ms === undefined ? 'not yet asked' : formatMs(ms)),
    el('div', { class: 'track' }, bar),
  )
}

function drawLegend() {
  const kinds = ['miss', 'redis', 'memory', 'refused', 'other'].filter((kind) =>
    history.some((request) => request.kind === kind),
  )
  return el(
    'ul',
    { class: 'legend', 'aria-label': 'Colours of the chart' },
    ...kinds.map((kind) => el('li', {}, el('span', { class: `key ${kind}` }), NAMES[kind])),
  )
}

function drawLog() {
  return el(
    'table',
    { class: 'log' },
    el(
      'thead',
      {},
      el(
        'tr',
        {},
        el('th', { scope: 'col' }, 'Request'),
        el('th', { scope: 'col' }, 'Answer'),
        el('th', { scope: 'col', class: 'number' }, 'Server'),
        el('th', { scope: 'col', class: 'number browser' }, 'Browser'),
      ),
    ),
    el('tbody', {}, ...history.slice(-ROWS).reverse().map(drawRow)),
  )
}

function drawRow(request) {
  const line = `${request.method} ${request.path}`
  return el(
    'tr',
    {},
    el('td', { class: 'path', title: line }, ...breakable(line)),
    el('td', {}, drawBadge(request)),
    el('td', { class: 'number' }, formatMs(request.serverMs)),
    el('td', { class: 'number browser' }, formatMs(request.browserMs)),
  )
}

/** Where there is little room, a path goes on in the next line before a `/`, `?` or `&`. */
function breakable(line) {
  return line.split(/(?=[/?&])/).flatMap((part) => [el('wbr'), part])
}

function hint(text) {
  return el('span', { class: 'hint' }, text)
}
