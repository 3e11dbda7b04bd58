import { getResults, runTests } from 'http-cache-tests/client/runner.mjs'
import fetch from 'node-fetch'
import { onlyCases, SUITE } from './cases.ts'
import { FRONTS, type FrontName } from './fronts.ts'
import { type Listening, listen } from './listen.ts'
import { startOrigin } from './origin.ts'
import { proxyTo } from './proxy-handler.ts'
import type { RawResult } from './suite-part.ts'

/** One run of the suite through one cache. */
export interface SuiteRun {
  readonly front: FrontName
  /** Absent means in memory. */
  readonly redisUrl?: string | undefined
  /** These cases alone. */
  readonly ids?: readonly string[] | undefined
  /** With what goes over the wire. */
  readonly isDumping?: boolean | undefined
}

/** What the suite judges and a bare cache leaves to its owner. */
const OPTIONS = {
  heuristic: 0.1,
  honorRequestCacheControl: true,
  staleIfError: '1m',
  targets: ['CDN-Cache-Control', 'Surrogate-Control'],
} as const

/** Few enough that none of them is late by a second, which is what ages are told in. */
const CASES_AT_ONCE = 40

/** Runs the suite. Once in a process: its client keeps its results where they are. */
export async function runSuite({
  front,
  redisUrl,
  ids,
  isDumping,
}: SuiteRun): Promise<Record<string, RawResult>> {
  const origin = await startOrigin()
  const proxy = await startFront(front, origin, redisUrl)
  try {
    const parts = ids === undefined ? SUITE : onlyCases(ids, isDumping === true)
    await runTests(parts, fetch, false, `http://127.0.0.1:${proxy.port}`, CASES_AT_ONCE)
    return getResults()
  } finally {
    await proxy.close()
    await origin.close()
  }
}

async function startFront(
  name: FrontName,
  origin: Listening,
  redis: string | undefined,
): Promise<Listening> {
  const options = { redis, ...OPTIONS }
  const front = await FRONTS[name](proxyTo(origin.port), options)
  const { port, close } = await listen(front.server)
  return {
    port,
    async close() {
      await close()
      await front.close()
    },
  }
}
