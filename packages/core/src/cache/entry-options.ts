import { z } from 'zod'
import { parseDuration } from '../base/duration.ts'
import { durationSchema, resolveOptions } from '../base/options.ts'
import type { Random } from '../base/random.ts'
import type { Lifetime } from './entry.ts'
import type { EntryOptions, LoadOptions } from './types.ts'

/** {@link EntryOptions} resolved: milliseconds, and nothing left open. */
export interface EntryDefaults {
  readonly ttlMs: number
  readonly staleWhileRevalidateMs: number
  readonly staleIfErrorMs: number
  readonly negativeTtlMs: number | undefined
  readonly jitter: number
  readonly softTimeoutMs: number | undefined
  readonly hardTimeoutMs: number | undefined
  /** The factor of early refreshes; 0 for none. */
  readonly earlyBeta: number
}

const duration = durationSchema.optional()

/** The fields that every entry point with {@link EntryOptions} has in its schema. */
export const entryFields: Record<
  'ttl' | 'staleWhileRevalidate' | 'staleIfError' | 'negativeTtl' | 'jitter',
  z.ZodType<number | undefined>
> = {
  ttl: duration,
  staleWhileRevalidate: duration,
  staleIfError: duration,
  negativeTtl: duration,
  jitter: z.number().min(0).max(1).optional(),
}

/** The fields of entry points that load. */
export const timeoutFields: Record<'softTimeout' | 'hardTimeout', z.ZodType<number | undefined>> = {
  softTimeout: duration,
  hardTimeout: duration,
}

/** How early an entry may be refreshed: parsed to the factor, 0 for never. */
export const earlyRefreshSchema: z.ZodType<number | undefined, unknown> = z
  .union([z.boolean(), z.strictObject({ beta: z.number().positive().max(100).default(1) })])
  .transform((given) => (typeof given === 'boolean' ? Number(given) : given.beta))
  .optional()

const LONGEST_TAG = 500
const MOST_TAGS = 128

export const tagsSchema: z.ZodType<readonly string[]> = z
  .array(z.string().min(1).max(LONGEST_TAG))
  .max(MOST_TAGS)

const entrySchema = z.strictObject({ ...entryFields, tags: tagsSchema.optional() })

const loadSchema = entrySchema.extend({
  ...timeoutFields,
  signal: z
    .custom<AbortSignal>((input) => input instanceof AbortSignal, 'an AbortSignal')
    .optional(),
})

/** What {@link entryFields} and the timeouts parse to. */
export interface ParsedEntryFields {
  ttl?: number | undefined
  staleWhileRevalidate?: number | undefined
  staleIfError?: number | undefined
  negativeTtl?: number | undefined
  jitter?: number | undefined
  softTimeout?: number | undefined
  hardTimeout?: number | undefined
  earlyRefresh?: number | undefined
}

/** `outer` with what `fields` say otherwise. */
export function overrideDefaults(outer: EntryDefaults, fields: ParsedEntryFields): EntryDefaults {
  return {
    ttlMs: fields.ttl ?? outer.ttlMs,
    staleWhileRevalidateMs: fields.staleWhileRevalidate ?? outer.staleWhileRevalidateMs,
    staleIfErrorMs: fields.staleIfError ?? outer.staleIfErrorMs,
    negativeTtlMs: fields.negativeTtl ?? outer.negativeTtlMs,
    jitter: fields.jitter ?? outer.jitter,
    softTimeoutMs: fields.softTimeout ?? outer.softTimeoutMs,
    hardTimeoutMs: fields.hardTimeout ?? outer.hardTimeoutMs,
    earlyBeta: fields.earlyRefresh ?? outer.earlyBeta,
  }
}

/** A call's options resolved. */
export interface ResolvedCall {
  readonly defaults: EntryDefaults
  readonly tags: readonly string[]
  readonly signal: AbortSignal | undefined
}

const NO_TAGS: readonly string[] = []

const ENTRY_TIMES: ReadonlySet<string> = new Set<keyof EntryOptions>([
  'ttl',
  'staleWhileRevalidate',
  'staleIfError',
  'negativeTtl',
])
const LOAD_TIMES: ReadonlySet<string> = new Set([...ENTRY_TIMES, 'softTimeout', 'hardTimeout'])

/**
 * Whether options are times in milliseconds and nothing else, which need no reading: who sets them
 * for every entry need not wait for a schema, which takes as long as all the rest of a load.
 */
function isParsed(options: object, times: ReadonlySet<string>): options is ParsedEntryFields {
  if (typeof options !== 'object' || Array.isArray(options)) return false
  for (const name in options) {
    const value: unknown = (options as Record<string, unknown>)[name]
    if (value === undefined) continue
    if (typeof value !== 'number' || !times.has(name) || parseDuration(value) === undefined) {
      return false
    }
  }
  return true
}

/** Refuses tags that {@link tagsSchema} refuses. */
export function requireTags(entryPoint: string, tags: readonly string[]): void {
  const isFine = tags.length <= MOST_TAGS && tags.every(isTag)
  if (!isFine) resolveOptions(entryPoint, entrySchema, { tags })
}

function isTag(tag: unknown): boolean {
  return typeof tag === 'string' && tag !== '' && tag.length <= LONGEST_TAG
}

export function resolveEntryOptions(
  entryPoint: string,
  outer: EntryDefaults,
  options: EntryOptions | undefined,
): ResolvedCall {
  if (options === undefined) return { defaults: outer, tags: NO_TAGS, signal: undefined }
  if (isParsed(options, ENTRY_TIMES)) {
    return { defaults: overrideDefaults(outer, options), tags: NO_TAGS, signal: undefined }
  }
  const fields = resolveOptions(entryPoint, entrySchema, options)
  return {
    defaults: overrideDefaults(outer, fields),
    tags: fields.tags ?? NO_TAGS,
    signal: undefined,
  }
}

export function resolveLoadOptions(
  entryPoint: string,
  outer: EntryDefaults,
  options: LoadOptions | undefined,
): ResolvedCall {
  if (options === undefined) return { defaults: outer, tags: NO_TAGS, signal: undefined }
  if (isParsed(options, LOAD_TIMES)) {
    return { defaults: overrideDefaults(outer, options), tags: NO_TAGS, signal: undefined }
  }
  const fields = resolveOptions(entryPoint, loadSchema, options)
  return {
    defaults: overrideDefaults(outer, fields),
    tags: fields.tags ?? NO_TAGS,
    signal: fields.signal,
  }
}

/** How long one value lives. */
export function lifetimeOf(value: unknown, defaults: EntryDefaults, random: Random): Lifetime {
  const isNegative = value === null || value === undefined
  const ttlMs = (isNegative ? defaults.negativeTtlMs : undefined) ?? defaults.ttlMs
  return {
    ttlMs: defaults.jitter === 0 ? ttlMs : ttlMs * (1 - defaults.jitter * random.next()),
    staleWhileRevalidateMs: defaults.staleWhileRevalidateMs,
    staleIfErrorMs: defaults.staleIfErrorMs,
  }
}
