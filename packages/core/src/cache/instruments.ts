import { invalidOption } from '../base/errors.ts'
import type { LoadHooks } from './load-hooks.ts'
import type { Cache } from './types.ts'

/** What metrics and traces need of a cache beside its public face. */
export interface Instruments {
  /** The `namespace` that the cache was made with. */
  readonly namespace: string
  readonly loads: LoadHooks
}

/** A cache that gives them; each that `createCache` makes does. */
export interface Instrumented extends Cache {
  readonly instruments: Instruments
}

/** Throws `ERR_OPTION_INVALID` on anything else. */
export function instrumentsOf(entryPoint: string, cache: Cache): Instruments {
  const instruments = (cache as Partial<Instrumented> | null | undefined)?.instruments
  if (instruments !== undefined) return instruments
  throw invalidOption(`${entryPoint}: cache`, cache, 'a cache made by createCache')
}
