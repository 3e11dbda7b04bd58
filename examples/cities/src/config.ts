import { fileURLToPath } from 'node:url'
import type { PolicyOptions } from '@hotpath/rate-limit'
import { z } from 'zod'
import { SEARCH_POLICIES } from './api/search-policies.ts'
import { describeIssues } from './wanted.ts'

/** Everything that the demo can be told. */
export interface Config {
  host: string
  /** Where Express listens; 0 for any free port. */
  port: number
  /** Where Fastify listens. */
  fastifyPort: number
  /** A PostgreSQL server; without one PostgreSQL runs inside this process (PGlite). */
  databaseUrl: string | undefined
  /** Without it cache, sessions and rate limits live in this process's memory alone. */
  redisUrl: string | undefined
  /** What sessions' ids are signed with; `undefined`: a new secret for each run, which ends all earlier ones. */
  sessionSecret: string | undefined
  /** How often one address may search. */
  searchPolicies: readonly PolicyOptions[]
  /** Where PGlite keeps its files between runs; `undefined` for memory. */
  dataFolder: string | undefined
  /** Loads the places of these countries only; `undefined` for all. */
  countries: readonly string[] | undefined
  /** Whether to time the summary's query at the start. */
  measure: boolean
}

const DATA_FOLDER = fileURLToPath(new URL('../node_modules/.cache/hotpath/cities', import.meta.url))

const PORT_WANTED = 'a port number, 0 to 65535'
const port = z
  .string()
  .regex(/^\d{1,5}$/, PORT_WANTED)
  .transform(Number)
  .refine((n) => n < 65_536, PORT_WANTED)

const environment = z.object({
  HOST: z.string().default('127.0.0.1'),
  PORT: port.default(3000),
  PORT_FASTIFY: port.default(3001),
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//, 'a URL such as postgres://user:password@localhost/database')
    .optional(),
  REDIS_URL: z
    .string()
    .regex(/^rediss?:\/\//, 'a URL such as redis://localhost:6379')
    .optional(),
  SESSION_SECRET: z.string().min(32, '32 characters or more').optional(),
})

/** Reads the configuration from environment variables, or throws a line that says what is wrong. */
export function readConfig(env: Record<string, string | undefined>): Config {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''))
  const read = environment.safeParse(given)
  if (!read.success) throw new Error(describeIssues(read.error, given))
  const { PORT, PORT_FASTIFY } = read.data
  if (PORT === PORT_FASTIFY && PORT !== 0) {
    throw new Error(`PORT_FASTIFY: ${PORT} is what PORT says too, wanted another`)
  }
  return {
    host: read.data.HOST,
    port: PORT,
    fastifyPort: PORT_FASTIFY,
    databaseUrl: read.data.DATABASE_URL,
    redisUrl: read.data.REDIS_URL,
    sessionSecret: read.data.SESSION_SECRET,
    searchPolicies: SEARCH_POLICIES,
    dataFolder: DATA_FOLDER,
    countries: undefined,
    measure: true,
  }
}
