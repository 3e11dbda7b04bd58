/**
 * Calls back when the process has seen to what has come in meanwhile: connections, requests, timers.
 * For long work that is done a little at a time. No clock goes into it, so tests need not hold it.
 */
export function afterIo(callback: () => void): void {
  setImmediate(callback)
}
