/** What the network between two ends is like at the moment, in one direction. */
export interface Conditions {
  /** Nothing gets through; everything waits. */
  isStalled: boolean
  /** How much later everything arrives. */
  delayMs: number
  /** Whether that is so on every other connection only. */
  isUneven: boolean
}
