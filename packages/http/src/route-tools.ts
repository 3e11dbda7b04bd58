import type { Cache, Clock } from '@hotpath/core'
import type { BackgroundRuns } from './background/background-runs.ts'
import type { DevelopmentWarnings } from './development-warnings.ts'
import type { FirstHearing } from './first-hearing.ts'
import type { LiveResponses } from './live-responses.ts'
import type { HitForMiss } from './storing/hit-for-miss.ts'
import type { KnownVary } from './storing/known-vary.ts'
import type { VariantLimit } from './storing/variant-limit.ts'

/** What the routes of one response cache share. */
export interface RouteTools {
  /** Where responses are kept: the namespace of this package in a cache. */
  readonly store: Cache
  readonly clock: Clock
  /** Keys whose responses were not to be stored. */
  readonly hitForMiss: HitForMiss
  /** Keys whose stored responses are validated for each request. */
  readonly unshared: HitForMiss
  readonly variants: VariantLimit
  readonly knownVary: KnownVary
  readonly firstHearing: FirstHearing
  readonly runs: BackgroundRuns
  readonly lives: LiveResponses
  readonly warnings: DevelopmentWarnings
  /** How early what is popular is fetched anew; 0 for not. */
  readonly earlyBeta: number
  purgeUrls(urls: readonly string[]): void
}
