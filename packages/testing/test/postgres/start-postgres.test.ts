import pg from 'pg'
import { afterEach, expect, it, vi } from 'vitest'
import { startPostgres, waitUntil } from '../../src/index.ts'
import { acceptsConnections } from '../../src/postgres/accepts-connections.ts'

afterEach(() => {
  vi.unstubAllEnvs()
})

it('takes the server that the environment names and leaves it running', async () => {
  const elsewhere = await startPostgres({ source: 'pglite' })
  vi.stubEnv('HOTPATH_TEST_POSTGRES_URL', elsewhere.url)

  const server = await startPostgres()
  await server.stop()

  expect(server).toMatchObject({ url: elsewhere.url, port: elsewhere.port, source: 'url' })
  expect(await acceptsConnections(server.host, server.port)).toBe(true)
  await elsewhere.stop()
  await waitUntil(
    async () => !(await acceptsConnections(server.host, server.port)),
    'it no longer takes clients',
  )
})

it('a server named by the environment that does not answer is an error', async () => {
  vi.stubEnv('HOTPATH_TEST_POSTGRES_URL', 'postgres://127.0.0.1:1/postgres')

  await expect(startPostgres()).rejects.toThrow(/127\.0\.0\.1:1.*where no PostgreSQL answers/)
})

it('a test that needs settings gets a server of its own that has them', async (test) => {
  const server = await startPostgres({ config: { wal_level: 'logical' } }).catch((error) =>
    test.skip(String(error)),
  )
  const client = new pg.Client({ connectionString: server.url })
  await client.connect()

  const { rows } = await client.query('SHOW wal_level')
  await client.end()
  await server.stop()

  expect(rows).toEqual([{ wal_level: 'logical' }])
})

it('PGlite takes no settings and says so', async () => {
  const started = startPostgres({ source: 'pglite', config: { wal_level: 'logical' } })

  await expect(started).rejects.toThrow(/Tried:.*PGlite: takes no settings/s)
})
