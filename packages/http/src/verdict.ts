import { areTagsUsable } from './cache-tags.ts'
import type { ResponseView } from './recording/response-head.ts'
import type { HeadView } from './rules/head-view.ts'
import { makePrivate } from './rules/private-control.ts'
import { isRepeatable } from './rules/repeatability.ts'
import { selectVariant } from './rules/selection.ts'
import { decideStorability, type Refusal, type Storability } from './rules/storability.ts'
import type { VariantLimit } from './storing/variant-limit.ts'
import type { Visit } from './visit.ts'

/** Whether a response is to be kept, by the rules and by the options. */
export type Verdict =
  | {
      kind: 'keep'
      storability: Storability & { kind: 'store' }
      /** Which variant it is. */
      selection: string
      tags: readonly string[]
      /** The Cache-Control that clients are given in place of its own. */
      clientControl: string | undefined
    }
  | {
      kind: 'refuse'
      because: Refusal | 'should-store' | 'tags' | 'variants'
      /** The next response to the same request is most likely refused as well. */
      isLasting: boolean
      /** It is the response itself that is not to be kept, not what came with it for this client. */
      isOfAll: boolean
    }

/** What a verdict is found by, beside the visit and the head. */
export interface Trial {
  readonly primaryKey: string
  /** What the handler has put on the response. */
  readonly givenTags: readonly string[]
  readonly variants: VariantLimit
  readonly delayMs: number
  readonly nowMs: number
}

/** Judges a response by its head. Throws what `shouldStore` and `tags` throw. */
export function judgeResponse<Req>(
  visit: Visit<Req>,
  head: HeadView & ResponseView,
  trial: Trial,
): Verdict {
  const { policy, credentials, scope, request, headers } = visit
  const { primaryKey, givenTags, variants, delayMs, nowMs } = trial
  const storability = decideStorability(head, policy.storage, {
    credentials,
    isPartitioned: scope !== undefined,
    origin: headers.origin,
    delayMs,
    nowMs,
  })
  if (storability.kind === 'refuse') {
    const { because } = storability
    return refuse(because, head.status < 400 && because !== 'expired')
  }
  if (policy.options.shouldStore?.(request, head) === false) return refuse('should-store', false)
  const own = policy.options.tags ?? []
  const named = typeof own === 'function' ? own(request, head) : own
  const tags = [...new Set([...givenTags, ...named])]
  if (!areTagsUsable(tags)) return refuse('tags', false)
  const { vary, ttlMs, retentionMs } = storability
  const selection = selectVariant(vary, headers)
  const isAdmitted =
    vary.length === 0 || variants.admit(primaryKey, selection, nowMs, nowMs + ttlMs + retentionMs)
  if (!isAdmitted) return refuse('variants', false)
  const windows = isRepeatable(vary, scope !== undefined, policy.credentials)
    ? storability.windows
    : { ...storability.windows, whileRevalidateMs: 0 }
  const clientControl = clientControlOf(visit, head)
  return { kind: 'keep', storability: { ...storability, windows }, selection, tags, clientControl }
}

function clientControlOf<Req>(
  { policy, request, scope }: Visit<Req>,
  head: ResponseView,
): string | undefined {
  const { clientCacheControl: own } = policy.options
  const control = typeof own === 'function' ? own(request, head) : own
  return control !== undefined && scope !== undefined ? makePrivate(control) : control
}

/** How long the cache keeps what a verdict admits, in its own words. */
export function lifetimeOf(
  { windows, retentionMs }: Storability & { kind: 'store' },
  ttlMs: number,
): { ttl: number; staleWhileRevalidate: number; staleIfError: number } {
  return { ttl: ttlMs, staleWhileRevalidate: windows.whileRevalidateMs, staleIfError: retentionMs }
}

function refuse(because: (Verdict & { kind: 'refuse' })['because'], isLasting: boolean): Verdict {
  return { kind: 'refuse', because, isLasting, isOfAll: !FOR_THIS_CLIENT.has(because) }
}

const FOR_THIS_CLIENT: ReadonlySet<string> = new Set(['credentials', 'set-cookie', 'variants'])
