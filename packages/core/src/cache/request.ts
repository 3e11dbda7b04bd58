import type { LoadGroup } from './bulk-load.ts'
import type { ResolvedCall } from './entry-options.ts'
import type { Flight } from './flight.ts'
import type { Scope } from './scope.ts'
import { type CacheState, readableRedis } from './state.ts'
import type { Loader } from './types.ts'

/** Where things stood when a call was made. */
interface Asked {
  /** Where the local counters stood: what was invalidated by then must not come back. */
  readonly revision: number
  /** How many loads had begun without a lease. */
  readonly unleasedLoads: number
}

/** One call of `getOrSet`, as it was made. */
export interface Request<V> extends Asked {
  readonly scope: Scope
  readonly key: string
  readonly id: string
  readonly loader: Loader<V>
  readonly call: ResolvedCall
  /** The keys that are loaded in one call with this one. */
  readonly group?: LoadGroup | undefined
}

export function asked({ local, unleasedLoads }: CacheState): Asked {
  return { revision: local.revision, unleasedLoads }
}

/** The load that is under way for a key and may answer a call, unless all its callers have given it up. */
export function flightFor<V>(
  state: CacheState,
  id: string,
  unleasedLoads: number,
): Flight<V> | undefined {
  const flight = state.flights.get(id) as Flight<V> | undefined
  if (flight === undefined || flight.isAbandoned) return undefined
  // Of a key that Redis does not have, not even its lease, nobody hears that it was deleted: such a
  // load is for those who asked before it began, unless there is no Redis to ask now.
  const isTooOld = flight.unleasedLoad > 0 && flight.unleasedLoad <= unleasedLoads
  return isTooOld && readableRedis(state) !== undefined ? undefined : flight
}
