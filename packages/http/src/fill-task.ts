import type { CacheEntry, Clock, LoadContext } from '@hotpath/core'
import type { DevelopmentWarnings } from './development-warnings.ts'
import type { ForwardReason } from './fields/cache-status.ts'
import type { LiveResponses } from './live-responses.ts'
import type { StoredResponse } from './storing/stored-response.ts'
import type { VariantLimit } from './storing/variant-limit.ts'

/** What comes of running the handler, for all who wait. */
export type Outcome =
  | StoredResponse
  /** The response was for the one who asked; the others ask for themselves. */
  | { readonly kind: 'refused' }
  /** The one who asked has gone and nothing came of it; somebody else may ask again. */
  | { readonly kind: 'abandoned' }

export const REFUSED: Outcome = { kind: 'refused' }
/** Nobody is left whose request it was. */
export const ABANDONED: Outcome = { kind: 'abandoned' }

/** What a handler is run for. */
export interface FillTask {
  readonly primaryKey: string
  readonly reason: ForwardReason
  /** What is stored for this request already and may be validated, or stand in for a failing handler. */
  readonly stale: CacheEntry<StoredResponse> | undefined
  readonly load: LoadContext<Outcome>
  readonly clock: Clock
  readonly variants: VariantLimit
  readonly warnings: DevelopmentWarnings
  /** Where those who wait for the key hear of a response that has begun; `undefined` when nobody may. */
  readonly lives: LiveResponses | undefined
  readonly key: string
  /** Told by which request fields what is kept is told apart. */
  rememberVary(names: readonly string[]): void
  /** Told that the key need not be waited for. */
  rememberUnstorable(): void
  /** Told that what was stored has been overtaken by what cannot be. */
  dropStale(): void
  /** No client has sent the request: what is not to be kept is a failure to bring something. */
  readonly isDetached: boolean
  settle(outcome: Outcome): void
  /** The handler has failed, and what was stored stood in. */
  fail(error: unknown): void
}
