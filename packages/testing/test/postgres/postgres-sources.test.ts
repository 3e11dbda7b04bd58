import { startPostgres } from '../../src/index.ts'
import { trySource } from '../support/try-source.ts'
import { describePostgres } from './postgres-suite.ts'

for (const source of ['docker', 'binary', 'package', 'pglite'] as const) {
  await trySource(
    `a PostgreSQL from source "${source}"`,
    () => startPostgres({ source }),
    describePostgres,
  )
}
