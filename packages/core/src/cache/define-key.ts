import { HotpathError, invalidOption } from '../base/errors.ts'
import { isStandardSchema, type StandardSchema } from '../base/standard-schema.ts'
import { formatIssues } from './contract.ts'
import type { DefinedKey } from './define-types.ts'

/** Writes the ids of a definition as text that is not empty. Throws on those that cannot be. */
export function idWriter<K>(name: string, key: DefinedKey<K>): (id: K) => string {
  const write = typeof key === 'function' && !isStandardSchema(key) ? key : schemaWriter(name, key)
  return (id) => {
    const text = write(id)
    if (typeof text === 'string' && text !== '') return text
    throw invalidOption(`${name}: key`, text, 'text that is not empty')
  }
}

function schemaWriter<K>(name: string, schema: StandardSchema<K, unknown>): (id: K) => string {
  return (id) => {
    const result = schema['~standard'].validate(id)
    if (result instanceof Promise) {
      result.catch(() => {})
      throw invalidOption(`${name}: key`, schema, 'a schema that is not asynchronous')
    }
    if (result.issues === undefined) return writeText(name, result.value)
    throw new HotpathError('ERR_OPTION_INVALID', `${name}: key: ${formatIssues(result.issues)}`)
  }
}

function writeText(name: string, value: unknown): string {
  const isScalar = ['string', 'number', 'bigint', 'boolean'].includes(typeof value)
  if (isScalar && !Number.isNaN(value)) return String(value)
  // Objects that are not alike can have one text.
  throw invalidOption(
    `${name}: key`,
    value,
    'text or a number; for anything else `key` is a function',
  )
}
