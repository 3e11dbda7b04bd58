import { z } from 'zod'
import { DURATION_WANTED, parseDuration } from './duration.ts'
import { describeFound, HotpathError } from './errors.ts'

/** A zod schema for a duration option, read as milliseconds. */
export const durationSchema: z.ZodType<number, unknown> = z
  .unknown()
  .transform((input, context) => {
    const ms = parseDuration(input)
    if (ms !== undefined) return ms
    context.addIssue({ code: 'custom', message: DURATION_WANTED })
    return z.NEVER
  })

/** A zod schema for an option that is a function or an object of the user's own. */
export function givenSchema<T>(wanted: string, accepts: (input: unknown) => boolean): z.ZodType<T> {
  return z.custom<T>(accepts, { message: wanted })
}

/** A zod schema for an option that is a function. */
export function functionSchema<T>(): z.ZodType<T> {
  return givenSchema<T>('a function', (input) => typeof input === 'function')
}

/**
 * Fills in and checks an options object, or throws `ERR_OPTION_INVALID` with one line for each
 * option that is wrong: its name, what was found and what was wanted.
 *
 * `undefined` means the default. Names that the schema does not know are refused.
 */
export function resolveOptions<T>(entryPoint: string, schema: z.ZodType<T>, input: unknown): T {
  const result = schema.safeParse(input ?? {})
  if (result.success) return result.data
  const lines = result.error.issues.flatMap((issue) => describeIssue(issue, input))
  throw new HotpathError('ERR_OPTION_INVALID', `${entryPoint}: ${lines.join('; ')}`)
}

type Issue = z.core.$ZodIssue

function describeIssue(issue: Issue, input: unknown): string[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => `${formatPath([...issue.path, key])}: unknown option`)
  }
  const found = foundBySchema(issue) ?? describeFound(valueAt(input, issue.path))
  return [`${formatPath(issue.path)}: found ${found}, wanted ${describeWanted(issue)}`]
}

/** What a schema itself says was found (`params.found`), where the value is nothing to show: a secret. */
function foundBySchema(issue: Issue): string | undefined {
  const found: unknown = issue.code === 'custom' ? issue.params?.found : undefined
  return typeof found === 'string' ? found : undefined
}

function describeWanted(issue: Issue): string {
  if (issue.code === 'invalid_type') return withArticle(issue.expected)
  if (issue.code === 'invalid_value')
    return issue.values.map((value) => JSON.stringify(value)).join(' or ')
  if (issue.code === 'too_small')
    return `${issue.inclusive ? 'at least' : 'more than'} ${issue.minimum}`
  if (issue.code === 'too_big')
    return `${issue.inclusive ? 'at most' : 'less than'} ${issue.maximum}`
  if (issue.code === 'invalid_union')
    return [...new Set(issue.errors.flat().map(describeWanted))].join(' or ')
  return issue.message
}

function withArticle(noun: string): string {
  return /^[aeiou]/.test(noun) ? `an ${noun}` : `a ${noun}`
}

function formatPath(path: readonly PropertyKey[]): string {
  return path.length === 0 ? 'options' : path.map(String).join('.')
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  let value = input
  for (const key of path) value = (value as Record<PropertyKey, unknown> | undefined)?.[key]
  return value
}
