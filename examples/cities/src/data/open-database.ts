import type { Config } from '../config.ts'
import type { Database } from './database.ts'
import { openPGlite } from './pglite.ts'
import { openPostgres } from './postgres.ts'

/** What is about to be opened, without the password that the URL may hold. */
export function describeDatabase({ databaseUrl }: Config): string {
  return databaseUrl === undefined
    ? 'PostgreSQL in this process (PGlite)'
    : `PostgreSQL at ${new URL(databaseUrl).host}`
}

/** The server at `DATABASE_URL`, or else a PostgreSQL inside this process. */
export function openDatabase(config: Config): Promise<Database> {
  if (config.databaseUrl !== undefined) return openPostgres(config.databaseUrl)
  return openPGlite(config.dataFolder)
}
