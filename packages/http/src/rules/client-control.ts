import type { FieldValue } from '../recording/response-head.ts'

type Field = readonly [name: string, value: FieldValue]

/** Fields that say how long a response is good for. */
const CONTROL_FIELDS: ReadonlySet<string> = new Set(['cache-control', 'expires', 'pragma'])

/**
 * The fields of a stored response as clients see them, where they are to be told something else than
 * this cache has been.
 */
export function fieldsForClients<F extends Field>(
  fields: readonly F[],
  clientControl: string | undefined,
): (F | Field)[] {
  if (clientControl === undefined) return [...fields]
  const others = fields.filter(([name]) => !CONTROL_FIELDS.has(name.toLowerCase()))
  return [...others, ['Cache-Control', clientControl]]
}
