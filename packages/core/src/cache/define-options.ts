import { z } from 'zod'
import { invalidOption } from '../base/errors.ts'
import { functionSchema, givenSchema, resolveOptions } from '../base/options.ts'
import { isStandardSchema, type StandardSchema } from '../base/standard-schema.ts'
import type { DefinedKey, DefinedLoaders, DefineOptions } from './define-types.ts'
import {
  earlyRefreshSchema,
  entryFields,
  type ParsedEntryFields,
  tagsSchema,
  timeoutFields,
} from './entry-options.ts'

/** How a definition loads, whatever its loaders are given. */
type Loaders<K> = DefinedLoaders<K, unknown, never>

/** What `define` may be given, with a schema or without. */
export interface AnyDefineOptions<K> extends DefineOptions<K>, Loaders<K> {
  value?: StandardSchema | undefined
}

/** Options of `define` with everything filled in; durations in milliseconds. */
export interface ParsedDefinition<K> extends ParsedEntryFields, Loaders<K> {
  key: DefinedKey<K>
  value?: StandardSchema | undefined
  version: number
  tags?: readonly string[] | ((id: K) => readonly string[]) | undefined
}

const schema = givenSchema<StandardSchema>('a Standard Schema, such as zod makes', isStandardSchema)

const defineSchema = z.strictObject({
  ...entryFields,
  ...timeoutFields,
  earlyRefresh: earlyRefreshSchema,
  key: givenSchema<DefinedKey<never>>(
    'a function or a Standard Schema',
    (input) => typeof input === 'function' || isStandardSchema(input),
  ),
  value: schema.optional(),
  version: z.int().min(0).default(1),
  tags: z.union([tagsSchema, functionSchema<(id: never) => readonly string[]>()]).optional(),
  load: functionSchema<NonNullable<Loaders<never>['load']>>().optional(),
  loadMany: functionSchema<NonNullable<Loaders<never>['loadMany']>>().optional(),
})

const NAME = /^[^:#]{1,200}$/

export function resolveDefinition<K>(
  name: string,
  options: AnyDefineOptions<K>,
): ParsedDefinition<K> {
  if (typeof name !== 'string' || !NAME.test(name)) {
    throw invalidOption('define: name', name, 'a name of 1 to 200 characters without : and #')
  }
  const parsed = resolveOptions(`define ${JSON.stringify(name)}`, defineSchema, options)
  if (parsed.load === undefined && parsed.loadMany === undefined) {
    throw invalidOption(
      `define ${JSON.stringify(name)}: load`,
      undefined,
      'a function here or as loadMany',
    )
  }
  // The cast: zod has seen that they are functions, and their types are those of `options`.
  return parsed as ParsedDefinition<K>
}
