import { performance } from 'node:perf_hooks'
import { Connection, type Exchange } from './connection.ts'

/** A turn of the client. */
export interface Burst extends Exchange {
  readonly connections: number
  readonly durationMs: number
}

export interface BurstResult {
  readonly requests: number
  readonly elapsedMs: number
}

/** Keeps so many connections busy for so long. Rejects on the first wrong answer. */
export async function runBurst({
  connections,
  durationMs,
  ...exchange
}: Burst): Promise<BurstResult> {
  const pool = Array.from({ length: connections }, () => new Connection(exchange))
  try {
    await Promise.all(pool.map(({ opened }) => opened))
    const startMs = performance.now()
    const mayContinue = (): boolean => performance.now() - startMs < durationMs
    const counts = await Promise.all(pool.map((connection) => connection.run(mayContinue)))
    const elapsedMs = performance.now() - startMs
    return { requests: counts.reduce((sum, count) => sum + count), elapsedMs }
  } finally {
    for (const connection of pool) connection.close()
  }
}
