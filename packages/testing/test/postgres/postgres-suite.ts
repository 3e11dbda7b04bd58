import pg from 'pg'
import { afterAll, afterEach, expect, it } from 'vitest'
import type { PostgresServer } from '../../src/index.ts'

/** What a PostgreSQL for tests can do, wherever it comes from. */
export function describePostgres(server: PostgresServer): void {
  const pool = new pg.Pool({ connectionString: server.url, max: 4 })

  afterEach(async () => {
    await pool.query('DROP TABLE IF EXISTS cities')
  })

  afterAll(async () => {
    await pool.end()
    await server.stop()
  })

  it('takes clients where it says it is', async () => {
    expect(server.url).toBe(`postgres://postgres@${server.host}:${server.port}/postgres`)
    const { rows } = await pool.query('SELECT version()')
    expect(rows[0].version).toMatch(/^PostgreSQL 1\d/)
  })

  it('answers parametrised queries of several clients at once', async () => {
    await pool.query('CREATE TABLE cities (id int PRIMARY KEY, name text)')
    await pool.query('INSERT INTO cities SELECT i, $1 || i FROM generate_series(1, 20) i', ['c'])

    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        pool.query('SELECT name FROM cities WHERE id = $1', [index + 1]),
      ),
    )

    expect(answers.map(({ rows }) => rows[0].name)).toEqual(
      Array.from({ length: 20 }, (_, index) => `c${index + 1}`),
    )
  })

  it('keeps a transaction apart from other clients until it commits', async () => {
    await pool.query('CREATE TABLE cities (id int PRIMARY KEY, name text)')
    const writer = await pool.connect()
    await writer.query('BEGIN')
    await writer.query("INSERT INTO cities VALUES (1, 'Ur')")
    await writer.query('ROLLBACK')
    writer.release()

    const { rows } = await pool.query('SELECT count(*)::int AS count FROM cities')

    expect(rows).toEqual([{ count: 0 }])
  })

  it('a client that leaves in the middle of a transaction undoes it', async () => {
    await pool.query('CREATE TABLE cities (id int PRIMARY KEY, name text)')
    const leaver = new pg.Client({ connectionString: server.url })
    await leaver.connect()
    await leaver.query('BEGIN')
    await leaver.query("INSERT INTO cities VALUES (1, 'Ur')")
    await leaver.end()

    const { rows } = await pool.query('SELECT count(*)::int AS count FROM cities')

    expect(rows).toEqual([{ count: 0 }])
  })

  it('goes on after an error', async () => {
    await expect(pool.query('SELECT $1::int FROM nowhere', [1])).rejects.toMatchObject({
      code: '42P01',
    })

    expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }])
  })
}
