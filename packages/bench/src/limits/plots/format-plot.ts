import { LIMIT, type Plotted, WINDOW_MS } from './algorithms.ts'

const WIDTH = 640
const HEIGHT = 200
const LEFT = 40
const RIGHT = 10
const TOP = 28
const BOTTOM = 30
const MOST = 2 * LIMIT

/** An SVG of how many were admitted in the window before each moment, and of the limit. */
export function formatPlot({ title, bound }: Plotted, within: readonly number[]): string {
  const x = (ms: number): number => LEFT + (ms / within.length) * (WIDTH - LEFT - RIGHT)
  const y = (count: number): number => HEIGHT - BOTTOM - (count / MOST) * (HEIGHT - TOP - BOTTOM)
  const lines = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="11" fill="#777">`,
    `<title>${title}: admitted in the window before each moment, of ${LIMIT} allowed; ${bound} at the most</title>`,
    `<text x="${LEFT}" y="16" font-size="13">${title}: ${bound} at the most</text>`,
    ...[0, LIMIT, MOST].map((count) => label(LEFT - 6, y(count) + 4, 'end', String(count))),
    ...[0, 1, 2, 3, 4].map((n) =>
      label(x(n * WINDOW_MS), HEIGHT - 10, 'middle', n === 0 ? '0' : `${n} W`),
    ),
    `<path d="${steps(within, x, y)}V${y(0)}H${LEFT}Z" fill="#3b82f6" fill-opacity=".35" stroke="#3b82f6"/>`,
    `<path d="M${LEFT} ${y(LIMIT)}H${WIDTH - RIGHT}" stroke="#dc2626" stroke-dasharray="5 4"/>`,
    `<path d="M${LEFT} ${TOP}V${y(0)}H${WIDTH - RIGHT}" fill="none" stroke="#777"/>`,
    '</svg>',
  ]
  return `${lines.join('\n')}\n`
}

function label(x: number, y: number, anchor: 'middle' | 'end', text: string): string {
  return `<text x="${round(x)}" y="${round(y)}" text-anchor="${anchor}">${text}</text>`
}

/** Only where something changes. */
function steps(
  within: readonly number[],
  x: (ms: number) => number,
  y: (count: number) => number,
): string {
  let path = `M${LEFT} ${round(y(0))}`
  for (const [ms, count] of within.entries()) {
    if (count !== (within[ms - 1] ?? 0)) path += `H${round(x(ms))}V${round(y(count))}`
  }
  return `${path}H${round(x(within.length))}`
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
