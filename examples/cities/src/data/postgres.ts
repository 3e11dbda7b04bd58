import pg from 'pg'
import type { Database, Queryable } from './database.ts'

/** A pool of connections to a PostgreSQL server; throws a clear line when it cannot be reached. */
export async function openPostgres(url: string): Promise<Database> {
  const pool = new pg.Pool({ connectionString: url, connectionTimeoutMillis: 5_000 })
  // An idle connection that breaks is replaced by the pool; without a listener it would end the process.
  pool.on('error', () => {})
  const version = await readVersion(pool, url)
  return {
    name: `PostgreSQL ${version}`,
    ...queryable(pool),
    transaction: (work) => inTransaction(pool, work),
    close: () => pool.end(),
  }
}

function queryable(source: pg.Pool | pg.PoolClient): Queryable {
  return {
    async query<Row>(text: string, values: readonly unknown[] = []): Promise<{ rows: Row[] }> {
      const { rows } = await source.query(text, [...values])
      return { rows }
    },
  }
}

async function inTransaction<T>(pool: pg.Pool, work: (tx: Queryable) => Promise<T>): Promise<T> {
  const client = await pool.connect()
  try {
    await client.query('BEGIN')
    const result = await work(queryable(client))
    await client.query('COMMIT')
    client.release()
    return result
  } catch (error) {
    // Closing the connection rolls back, even where it is broken.
    client.release(true)
    throw error
  }
}

async function readVersion(pool: pg.Pool, url: string): Promise<string> {
  try {
    const { rows } = await pool.query('SHOW server_version')
    return rows[0].server_version
  } catch (cause) {
    await pool.end()
    throw new Error(
      `DATABASE_URL: no PostgreSQL answers at ${new URL(url).host}: ${describe(cause)}`,
      { cause },
    )
  }
}

/** Node reports a refused connection to a name with several addresses as an error without a message. */
function describe(cause: unknown): string {
  if (cause instanceof AggregateError) return cause.errors.map(describe).join(', ')
  return cause instanceof Error ? cause.message : String(cause)
}
