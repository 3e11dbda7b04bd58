import type { Config } from '../config.ts'
import type { Database } from './database.ts'

/** What is about to be opened, without the password that the URL may hold. */
export function describeDatabase({ databaseUrl }: Config): string {
  return databaseUrl === undefined
    ? 'PostgreSQL in this process (PGlite)'
    : `PostgreSQL at ${new URL(databaseUrl).host}`
}

/** The server at `DATABASE_URL`, or else a PostgreSQL inside this process. Loads the one driver it needs. */
export async function openDatabase(config: Config): Promise<Database> {
  if (config.databaseUrl !== undefined) {
    const { openPostgres } = await import('./postgres.ts')
    return openPostgres(config.databaseUrl)
  }
  const { openPGlite } = await import('./pglite.ts')
  return openPGlite(config.dataFolder)
}
