import { HotpathError } from '../base/errors.ts'
import type { StandardIssue, StandardResult, StandardSchema } from '../base/standard-schema.ts'
import { deepFreeze } from './freeze.ts'
import { isSameData } from './same-data.ts'

/** What a definition asks of its values. A copy in memory is good for the contract that it was checked by. */
export interface Contract {
  readonly name: string
  readonly schema: StandardSchema | undefined
}

/** A value as its schema sees it. */
export type Checked =
  | {
      readonly kind: 'kept'
      /** What is given out: the stored value itself unless the schema has changed it. */
      readonly value: unknown
    }
  | {
      readonly kind: 'rejected'
      readonly issues: readonly StandardIssue[]
      /** What the schema has thrown, if it did. */
      readonly cause?: unknown
    }

/** Checks a stored value. Never throws, and is a promise only where the schema gives one. */
export function checkValue({ schema }: Contract, stored: unknown): Checked | Promise<Checked> {
  if (schema === undefined) return { kind: 'kept', value: stored }
  try {
    const result = schema['~standard'].validate(stored)
    if (!(result instanceof Promise)) return judge(stored, result)
    return result.then((later) => judge(stored, later)).catch(thrown)
  } catch (error) {
    return thrown(error)
  }
}

function judge(stored: unknown, result: StandardResult<unknown>): Checked {
  if (result.issues !== undefined) return { kind: 'rejected', issues: result.issues }
  if (isSameData(stored, result.value)) return { kind: 'kept', value: stored }
  return { kind: 'kept', value: deepFreeze(result.value) }
}

function thrown(cause: unknown): Checked {
  const message = cause instanceof Error ? cause.message : String(cause)
  return { kind: 'rejected', issues: [{ message }], cause }
}

/** What a value that was loaded or written comes to, or `ERR_CACHE_VALUE_INVALID`. */
export async function requireFit(
  contract: Contract,
  key: string,
  value: unknown,
): Promise<unknown> {
  const checked = await checkValue(contract, value)
  if (checked.kind === 'kept') return checked.value
  throw new HotpathError(
    'ERR_CACHE_VALUE_INVALID',
    `The value of ${JSON.stringify(key)} does not fit the schema of its definition and was not stored: ${formatIssues(checked.issues)}`,
    { cause: checked.cause ?? checked.issues },
  )
}

const MOST_SHOWN = 5

/** `population: wanted a number; name: …` */
export function formatIssues(issues: readonly StandardIssue[]): string {
  const shown = issues.slice(0, MOST_SHOWN).map(formatIssue)
  const rest = issues.length - shown.length
  return [...shown, ...(rest > 0 ? [`and ${rest} more`] : [])].join('; ')
}

function formatIssue({ message, path = [] }: StandardIssue): string {
  const names = path.map((part) => String(typeof part === 'object' ? part.key : part))
  return names.length === 0 ? message : `${names.join('.')}: ${message}`
}
