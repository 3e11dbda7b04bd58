/** What a test may set as in postgresql.conf. */
export type PostgresConfig = Readonly<Record<string, string>>

/** Quick rather than safe: nothing of a test's data outlives the test. */
const FOR_TESTS: PostgresConfig = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  jit: 'off',
}

/** The arguments that make a postgres of `config`. */
export function formatSettings(host: string, port: number, config: PostgresConfig = {}): string[] {
  const settings = { listen_addresses: host, port: String(port), ...FOR_TESTS, ...config }
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
}
