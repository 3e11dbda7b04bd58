import { z } from 'zod'
import { describeIssues } from '../wanted.ts'
import { USERS } from './users.ts'

/** A request that cannot be answered as it was put. Its message goes to the client. */
export class BadRequest extends Error {
  readonly status = 400
}

/** A string of one shape; `wanted` says which, in the error message. */
function text(shape: RegExp, wanted: string): z.ZodString {
  return z.string(wanted).regex(shape, wanted)
}

const NEAR = 'a latitude and a longitude such as 48.85,2.35'
const LIMIT = 'a whole number from 1 to 50'
const USER = `one of ${USERS.join(', ')}`
const POPULATION = 'a whole number from 0 to 2000000000'

export const cityParams = z.object({
  id: text(/^[1-9]\d{0,8}$/, 'a number such as 2988507').transform(Number),
})

export const countryParams = z.object({
  code: text(/^[A-Z]{2}$/, 'two capital letters such as FR'),
})

export const nearQuery = z.strictObject({
  near: text(/^-?\d{1,2}(\.\d{1,12})?, ?-?\d{1,3}(\.\d{1,12})?$/, NEAR)
    .transform((value) => value.split(',').map(Number) as [number, number])
    .refine(([lat, lon]) => Math.abs(lat) <= 90 && Math.abs(lon) <= 180, NEAR)
    .transform(([lat, lon]) => ({ lat, lon })),
  limit: text(/^([1-9]|[1-4]\d|50)$/, LIMIT)
    .transform(Number)
    .default(10),
})

export const populationBody = z.strictObject(
  { population: z.int(POPULATION).min(0, POPULATION).max(2_000_000_000, POPULATION) },
  'a JSON object such as {"population": 12345}',
)

export const loginBody = z.strictObject(
  { user: z.enum(USERS, USER) },
  'a JSON object such as {"user": "Ada"}',
)

export const sessionParams = z.object({ handle: z.string() })

/** The input as the schema describes it, or a {@link BadRequest} that says what was wrong and wanted. */
export function parseInput<T>(schema: z.ZodType<T>, input: unknown): T {
  const parsed = schema.safeParse(input)
  if (parsed.success) return parsed.data
  throw new BadRequest(describeIssues(parsed.error, input))
}
