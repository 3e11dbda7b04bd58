import type { Fetching } from './fetching.ts'
import type { Inspecting } from './inspecting.ts'
import type { Instruments } from './instruments.ts'
import type { Invalidation } from './invalidation.ts'
import type { Lookups } from './lookup.ts'
import type { CacheState } from './state.ts'
import type { Writing } from './writing.ts'

/** The parts that do a cache's work, shared by its namespaces. */
export interface CacheParts {
  readonly state: CacheState
  readonly lookups: Lookups
  readonly fetching: Fetching
  readonly writing: Writing
  readonly invalidation: Invalidation
  readonly inspecting: Inspecting
  readonly instruments: Instruments
  readonly close: () => Promise<void>
}
