import type { CacheEntry, LoadContext } from '@hotpath/core'
import { ageOf, judge } from './answer.ts'
import type { Outcome } from './fill-task.ts'
import { makeVariantKey } from './keys/cache-key.ts'
import type { Found, Place } from './place.ts'
import type { RouteTools } from './route-tools.ts'
import { selectVariant } from './rules/selection.ts'
import { StoredResponse } from './storing/stored-response.ts'
import type { Visit } from './visit.ts'

/**
 * Variants whose way leads over what is stored for the URL itself, when that has come to its end
 * before them.
 */
export class HiddenVariants {
  readonly #tools: RouteTools

  constructor(tools: RouteTools) {
    this.#tools = tools
  }

  /** The variant for this request; `undefined` at once where nothing has varied. */
  find<Req, C>(
    visit: Visit<Req, C>,
    { primaryKey, key }: Place,
    stale: CacheEntry<Outcome> | undefined,
  ): Promise<Found | undefined> | undefined {
    if (key !== primaryKey) return undefined
    const names = varyOf(stale) ?? this.#tools.knownVary.get(primaryKey)
    return names === undefined || names.length === 0 ? undefined : this.#find(visit, key, names)
  }

  /** Puts it in the place of what is stored for the URL, from where the others are found again. */
  moveUp<Req, C>(
    visit: Visit<Req, C>,
    { value, ...entry }: Found,
    load: LoadContext<Outcome>,
  ): StoredResponse {
    const nowMs = this.#tools.clock.now()
    visit.foundIn = entry.tier === 'redis' ? 'redis' : 'memory'
    load.setOptions({
      ttl: Math.max(entry.freshUntilMs - nowMs, 0),
      staleWhileRevalidate: value.parts.windows.whileRevalidateMs,
      staleIfError: Math.max(entry.usableOnErrorUntilMs - entry.freshUntilMs, 0),
    })
    load.addTags(...entry.tags)
    const initialAgeMs = ageOf({ value, ...entry }, nowMs)
    return new StoredResponse({ ...value.parts, initialAgeMs }, value.body)
  }

  async #find<Req, C>(
    visit: Visit<Req, C>,
    key: string,
    names: readonly string[],
  ): Promise<Found | undefined> {
    const { store, clock } = this.#tools
    const wanted = selectVariant(names, visit.headers)
    const found = await store.getEntry<StoredResponse>(makeVariantKey(key, wanted))
    if (found === undefined) return undefined
    const { vary, selection } = found.value.parts
    // Where it varies by more itself, the others would not be found from its place.
    const isIt = selection === wanted && String(vary) === String(names)
    return isIt && judge(visit, found, clock.now()) === 'use' ? found : undefined
  }
}

function varyOf(stale: CacheEntry<Outcome> | undefined): readonly string[] | undefined {
  return stale?.value.kind === 'response' ? stale.value.parts.vary : undefined
}
