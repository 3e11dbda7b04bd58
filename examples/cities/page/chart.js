import { svg } from './dom.js'
import { formatMs } from './format.js'
import { nameKind } from './kinds.js'

const HEIGHT = 200
const LEFT = 62
const BOTTOM = 8
/** Pixels from one bar to the next. */
const STEP = 14

/** Thousandfold differences need a logarithmic scale: each line is ten times the one below. */
const LINES = [0.01, 0.1, 1, 10, 100]
const LOWEST = -2.3
const HIGHEST = 2.6

/** The last requests as bars, oldest left: how long the server took, and what the cache did. */
export function drawChart(requests, width) {
  const shown = requests.slice(-Math.floor((width - LEFT) / STEP))
  return svg(
    'svg',
    {
      width,
      height: HEIGHT,
      role: 'img',
      class: 'chart',
      'aria-label': describe(shown),
    },
    ...LINES.flatMap((ms) => drawLine(ms, width)),
    ...shown.map(drawBar),
  )
}

function drawLine(ms, width) {
  const y = heightOf(ms)
  return [
    svg('line', { class: 'grid', x1: LEFT, x2: width, y1: y, y2: y }),
    svg('text', { class: 'axis', x: LEFT - 8, y: y + 5, 'text-anchor': 'end' }, formatMs(ms)),
  ]
}

function drawBar(request, index) {
  const top = heightOf(request.serverMs)
  const title = `${request.method} ${request.path}: ${nameKind(request)}, ${formatMs(request.serverMs)}`
  return svg(
    'rect',
    {
      class: `bar ${request.kind}`,
      x: LEFT + index * STEP + 2,
      y: top,
      width: STEP - 4,
      height: HEIGHT - BOTTOM - top,
      rx: 2,
    },
    svg('title', {}, title),
  )
}

function heightOf(ms) {
  const part = (Math.log10(Math.max(ms, 0.001)) - LOWEST) / (HIGHEST - LOWEST)
  return (1 - Math.min(1, Math.max(0.02, part))) * (HEIGHT - BOTTOM)
}

function describe(requests) {
  const misses = requests.filter((request) => request.kind === 'miss').length
  return `Milliseconds in the server for the last ${requests.length} requests, ${misses} of them misses; the table below has the figures`
}
