import { HotpathError, invalidOption } from '../base/errors.ts'
import type { Entry } from './entry.ts'
import type { Flight, Outcome } from './flight.ts'
import type { Held } from './held.ts'
import type { Request } from './request.ts'
import type { Scope } from './scope.ts'
import { isUsableOnError } from './shelf.ts'
import { type CacheState, countersOf } from './state.ts'
import type { LoadOptions } from './types.ts'

/** Waits for a load as long as this caller is willing to: others may wait longer. */
export function waitFor<V>(
  state: CacheState,
  { scope, call, key }: Request<V>,
  flight: Flight<V>,
  held: Held<V> | undefined,
): Promise<Outcome<V>> {
  const { softTimeoutMs, hardTimeoutMs } = call.defaults
  const stale = held?.use === 'unusable' ? undefined : held
  flight.enter()
  const canGiveUp = call.signal !== undefined || hardTimeoutMs !== undefined
  const canServeStale = softTimeoutMs !== undefined && stale !== undefined
  if (!canGiveUp && !canServeStale) return flight.outcome
  return new Promise((resolve, reject) => {
    const { clock } = state
    const end = (then: () => void): void => {
      soft?.cancel()
      hard?.cancel()
      call.signal?.removeEventListener('abort', onAbort)
      then()
    }
    const serveStale = (): void => {
      if (stale !== undefined) resolve({ entry: stale.entry, tier: stale.tier, fate: 'stale' })
    }
    const giveUp = (error: HotpathError): void => {
      const canServe =
        stale !== undefined && isUsableOnError(state, scope, flight.fence, stale.entry)
      if (canServe) serveStale()
      else reject(error)
    }
    const onAbort = (): void => {
      flight.leave()
      end(() => reject(call.signal?.reason))
    }
    const soft = canServeStale ? clock.schedule(softTimeoutMs, () => end(serveStale)) : undefined
    const hard =
      hardTimeoutMs === undefined
        ? undefined
        : clock.schedule(hardTimeoutMs, () => end(() => giveUp(timedOut(key, hardTimeoutMs))))
    call.signal?.addEventListener('abort', onAbort, { once: true })
    flight.outcome.then(
      (outcome) => end(() => resolve(outcome)),
      (error) => end(() => reject(error)),
    )
  })
}

/** Whether an invalidation covers the entry that came after the load began and before the call. */
export function isInvalidatedBetween<V>(
  state: CacheState,
  flight: Flight<V>,
  request: Request<V>,
  entry: Entry<V>,
): boolean {
  if (flight.revision >= request.revision) return false
  const counters = countersOf(state, entry.stamp)
  return counters.judge(entry, request.scope.paths) !== 'valid'
}

/** Whether a caller may want to stop waiting before the load is over. */
export function hasConditions({ defaults }: Scope, options: LoadOptions | undefined): boolean {
  if (defaults.softTimeoutMs !== undefined || defaults.hardTimeoutMs !== undefined) return true
  if (options === undefined) return false
  const { signal, softTimeout, hardTimeout } = options
  return signal !== undefined || softTimeout !== undefined || hardTimeout !== undefined
}

function timedOut(key: string, hardTimeoutMs: number): HotpathError {
  return new HotpathError(
    'ERR_CACHE_LOADER_TIMEOUT',
    `The loader of ${JSON.stringify(key)} took longer than hardTimeout (${hardTimeoutMs} ms); it goes on and its value will be cached`,
  )
}

export function requireLoader(method: string, loader: unknown): void {
  if (typeof loader !== 'function') throw invalidOption(`${method}: load`, loader, 'a function')
}
