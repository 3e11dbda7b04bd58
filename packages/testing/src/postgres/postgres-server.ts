/** Where a PostgreSQL for tests came from. */
export type PostgresSource = 'url' | 'docker' | 'binary' | 'package' | 'pglite'

/** A real PostgreSQL for tests, empty and alone on its port unless it came from a URL. */
export interface PostgresServer {
  /** For a client: `postgres://postgres@127.0.0.1:12345/postgres`. */
  readonly url: string
  readonly host: string
  readonly port: number
  /**
   * `'pglite'` has one session that all connections share, one transaction after another: no
   * blocking between transactions, session settings and LISTEN common to all, no replication.
   */
  readonly source: PostgresSource
  /** Ends it and removes its data. A server from a URL is left alone. */
  stop(): Promise<void>
}

/** What a test asks of its PostgreSQL. */
export interface StartPostgresOptions {
  /**
   * Settings as in postgresql.conf, such as `{ wal_level: 'logical' }`. They need a server of our
   * own that is no PGlite.
   */
  readonly config?: Readonly<Record<string, string>> | undefined
  /** Takes this source and no other; for the tests of the sources themselves. @internal */
  readonly source?: PostgresSource | undefined
}
