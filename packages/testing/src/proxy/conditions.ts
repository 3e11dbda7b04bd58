/** What the network between two ends is like at the moment. */
export interface Conditions {
  /** Nothing gets through; everything waits. */
  isStalled: boolean
  /** How much later everything arrives, each way. */
  delayMs: number
}
