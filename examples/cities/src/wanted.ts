import type { z } from 'zod'

/** One line for all that is wrong with an input: each name, what was found and what was wanted. */
export function describeIssues(error: z.ZodError, input: unknown): string {
  return error.issues.flatMap((issue) => describeIssue(issue, input)).join('; ')
}

function describeIssue(issue: z.core.$ZodIssue, input: unknown): string[] {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => `${key}: is not known here`)
  const name = issue.path.join('.') || 'input'
  return [`${name}: found ${describeFound(valueAt(input, issue.path))}, wanted ${issue.message}`]
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  let value = input
  for (const key of path) value = (value as Record<PropertyKey, unknown> | undefined)?.[key]
  return value
}

function describeFound(found: unknown): string {
  const text = found === undefined ? 'nothing' : JSON.stringify(found)
  return text.length > 60 ? `${text.slice(0, 57)}...` : text
}
