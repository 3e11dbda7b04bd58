/** Runs a statement: what `pg` and PGlite have in common. */
export interface Queryable {
  query<Row>(text: string, values?: readonly unknown[]): Promise<{ rows: Row[] }>
}

/** A PostgreSQL, wherever it runs. */
export interface Database extends Queryable {
  /** Shown at the start and on the page. */
  readonly name: string
  /** Commits when `work` is done; rolls back when it fails. */
  transaction<T>(work: (tx: Queryable) => Promise<T>): Promise<T>
  close(): Promise<void>
}
