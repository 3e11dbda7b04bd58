import pg from 'pg'
import type { Versions } from './protocol.ts'

/** Versions of keys in PostgreSQL: what all caches must follow. */
export class SourceOfTruth {
  readonly #pool: pg.Pool

  constructor(url: string, connections: number) {
    this.#pool = new pg.Pool({ connectionString: url, max: connections })
    // A connection that breaks while it is idle is replaced by the next query.
    this.#pool.on('error', () => {})
  }

  /** Makes the table, with each key at version 1. */
  async create(keys: readonly string[]): Promise<void> {
    await this.#pool.query('DROP TABLE IF EXISTS coherence_versions')
    await this.#pool.query('CREATE TABLE coherence_versions (key text PRIMARY KEY, version int)')
    await this.#pool.query(
      'INSERT INTO coherence_versions SELECT key, 1 FROM unnest($1::text[]) AS key',
      [keys],
    )
  }

  async read(key: string): Promise<number> {
    const text = 'SELECT version FROM coherence_versions WHERE key = $1'
    const { rows } = await this.#pool.query<{ version: number }>(text, [key])
    return (rows[0] as { version: number }).version
  }

  /** Commits the next version of a key and gives it. */
  async advance(key: string): Promise<number> {
    const text =
      'UPDATE coherence_versions SET version = version + 1 WHERE key = $1 RETURNING version'
    const { rows } = await this.#pool.query<{ version: number }>(text, [key])
    return (rows[0] as { version: number }).version
  }

  async readAll(): Promise<Versions> {
    const text = 'SELECT key, version FROM coherence_versions'
    const { rows } = await this.#pool.query<{ key: string; version: number }>(text)
    return Object.fromEntries(rows.map(({ key, version }) => [key, version]))
  }

  async close(): Promise<void> {
    await this.#pool.end()
  }
}
