/** Unhandled rejections while they are being collected. */
export interface RejectionCollector {
  /** The reasons seen so far. */
  readonly reasons: readonly unknown[]
  /** Waits for rejections that are already under way, stops collecting, and gives the reasons. */
  stop(): Promise<readonly unknown[]>
}

/**
 * Collects unhandled rejections of the whole process instead of letting them fail the test run.
 * Other listeners are set aside until `stop()`.
 *
 * @example
 * const rejections = collectUnhandledRejections()
 * await cache.refresh('key', () => Promise.reject(new Error('down'))).catch(() => {})
 * expect(await rejections.stop()).toEqual([])
 */
export function collectUnhandledRejections(): RejectionCollector {
  const reasons: unknown[] = []
  const others = process.rawListeners('unhandledRejection')
  const collect = (reason: unknown): void => void reasons.push(reason)
  process.removeAllListeners('unhandledRejection')
  process.on('unhandledRejection', collect)
  return {
    reasons,
    stop: async () => {
      // Node reports a rejection once the microtasks of its turn are done.
      await new Promise((resolve) => setImmediate(resolve))
      await new Promise((resolve) => setImmediate(resolve))
      process.off('unhandledRejection', collect)
      for (const other of others) process.on('unhandledRejection', other as typeof collect)
      return reasons
    },
  }
}
