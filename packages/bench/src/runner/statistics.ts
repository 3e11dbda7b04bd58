/** The middle value; of an even number of values, the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2
}

/**
 * How many times as much as `reference` something took: the median of the ratios within each round,
 * for a round's turns share the machine's mood.
 */
export function ratioTo(reference: readonly number[], own: readonly number[]): number {
  return median(ratiosTo(reference, own))
}

/** Between which two the middle half of those ratios lies. */
export function spreadTo(reference: readonly number[], own: readonly number[]): [number, number] {
  const sorted = ratiosTo(reference, own).toSorted((a, b) => a - b)
  const quarter = Math.floor(sorted.length / 4)
  return [sorted[quarter] ?? Number.NaN, sorted[sorted.length - 1 - quarter] ?? Number.NaN]
}

function ratiosTo(reference: readonly number[], own: readonly number[]): number[] {
  return own.map((value, round) => value / (reference[round] as number))
}
