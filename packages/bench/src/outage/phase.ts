/** What readers felt for a while. */
export interface Phase {
  readonly name: string
  readonly durationsMs: readonly number[]
  /** Reads that waited for the deadline of a command to Redis. */
  readonly slow: number
  readonly loads: number
  readonly rejected: number
}

const WIDTHS = [26, 8, 8, 8, 8, 8, 10, 10] as const

function row(cells: readonly string[]): string {
  return cells
    .map((cell, index) => {
      const width = WIDTHS[index] as number
      return index === 0 ? cell.padEnd(width) : cell.padStart(width)
    })
    .join('')
}

export const HEAD: string = row(['', 'reads', 'p50', 'p99', 'max', 'loads', 'waited', 'rejected'])

export function formatPhase({ name, durationsMs, slow, loads, rejected }: Phase): string {
  const sorted = durationsMs.toSorted((one, other) => one - other)
  const at = (share: number): string => {
    const index = Math.min(Math.floor(sorted.length * share), sorted.length - 1)
    return (sorted[index] ?? Number.NaN).toFixed(2)
  }
  const counts = [loads, slow, rejected].map(String)
  return row([name, String(sorted.length), at(0.5), at(0.99), at(1), ...counts])
}
