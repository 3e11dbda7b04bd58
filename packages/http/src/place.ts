import type { CacheEntry, FoundEntry } from '@hotpath/core'
import type { ForwardReason } from './fields/cache-status.ts'
import { makeVariantKey } from './keys/cache-key.ts'
import { selectVariant } from './rules/selection.ts'
import type { StoredResponse } from './storing/stored-response.ts'
import type { Visit } from './visit.ts'

export type Found = FoundEntry<StoredResponse>
export type Kept = CacheEntry<StoredResponse>

/** Where a response is looked for. */
export interface Place {
  /** The key of the URL. */
  readonly primaryKey: string
  /** The same, or that of a variant. */
  readonly key: string
  readonly reason: ForwardReason
}

/** Where to look next when a stored response was chosen by other request fields than this request's. */
export function nextPlace<Req, C>(
  { headers, passedOver }: Visit<Req, C>,
  place: Place,
  { value }: Found,
): Place | undefined {
  const { vary, selection } = value.parts
  const wanted = selectVariant(vary, headers)
  if (wanted === selection) return undefined
  passedOver.push(value)
  return { ...place, key: makeVariantKey(place.key, wanted), reason: 'vary-miss' }
}

/** What is not storable for one sort of client may be for another. */
export function nameOf<Req, C>({ credentials }: Visit<Req, C>, { key }: Place): string {
  return `${credentials}\n${key}`
}
