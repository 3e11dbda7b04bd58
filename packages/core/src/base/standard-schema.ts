/**
 * The Standard Schema interface, version 1, by which zod, valibot, arktype and others can be asked
 * to validate without this package knowing them.
 *
 * From https://standardschema.dev (package `@standard-schema/spec` 1.1.0, MIT), which asks to be
 * copied; only what is used here, and flat.
 */
export interface StandardSchema<In = unknown, Out = In> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    readonly validate: (value: unknown) => StandardResult<Out> | Promise<StandardResult<Out>>
    readonly types?: { readonly input: In; readonly output: Out } | undefined
  }
}

export type StandardResult<Out> =
  | { readonly value: Out; readonly issues?: undefined }
  | { readonly issues: readonly StandardIssue[] }

/** What a schema has to say against a value. */
export interface StandardIssue {
  readonly message: string
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
}

/** What a schema takes. */
export type InferInput<S extends StandardSchema> = NonNullable<S['~standard']['types']>['input']

/** What a schema makes of it. */
export type InferOutput<S extends StandardSchema> = NonNullable<S['~standard']['types']>['output']

export function isStandardSchema(input: unknown): input is StandardSchema {
  // arktype's schemas are functions.
  if (input === null || (typeof input !== 'object' && typeof input !== 'function')) return false
  const standard: unknown = (input as Partial<StandardSchema>)['~standard']
  if (typeof standard !== 'object' || standard === null) return false
  return typeof (standard as Partial<StandardSchema['~standard']>).validate === 'function'
}
