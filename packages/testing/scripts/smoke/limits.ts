import { setTimeout as delay } from 'node:timers/promises'

const SEARCH = '/api/cities?near=48.85,2.35&limit=3'
/** More than the burst that the demo allows. */
const ENOUGH = 50

/** Searches until it is refused, at both servers; waits as long as that says, and searches again. */
export async function checkLimits(here: string, there: string): Promise<void> {
  const refusal = await searchUntilRefused(here)
  const elsewhere = await search(there)
  if (elsewhere.status !== 429) throw new Error(`${there}: ${elsewhere.status}, wanted 429`)
  await delay(1000 * Number(refusal.headers.get('retry-after')))
  const after = await search(here)
  if (after.status !== 200) throw new Error(`After Retry-After: ${after.status}, wanted 200`)
}

async function searchUntilRefused(origin: string): Promise<Response> {
  for (let i = 0; i < ENOUGH; i++) {
    const response = await search(origin)
    if (response.status === 429) return response
  }
  throw new Error(`${ENOUGH} searches were not refused`)
}

async function search(origin: string): Promise<Response> {
  const response = await fetch(origin + SEARCH)
  await response.arrayBuffer()
  const { headers, status } = response
  console.log(`GET ${origin}${SEARCH} -> ${status} ${headers.get('ratelimit')}`)
  return response
}
