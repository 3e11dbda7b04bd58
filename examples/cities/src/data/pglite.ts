import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import type { Database, Queryable } from './database.ts'
import { lockFolder } from './folder-lock.ts'

/** What PGlite itself and a transaction of it have in common. */
interface Source {
  query<Row>(text: string, values?: unknown[]): Promise<{ rows: Row[] }>
}

/**
 * PostgreSQL in this process, with its files in `folder`; in memory without one, or while another
 * demo uses it.
 */
export async function openPGlite(folder: string | undefined): Promise<Database> {
  if (folder === undefined) return openInMemory()
  await mkdir(folder, { recursive: true })
  const unlock = await lockFolder(folder)
  if (unlock === undefined) return openInMemory()
  try {
    return asDatabase(await PGlite.create(join(folder, 'data')), unlock)
  } catch (cause) {
    await unlock()
    const message = `PGlite cannot open ${folder}. Delete that folder to load the data anew.`
    throw new Error(message, { cause })
  }
}

async function openInMemory(): Promise<Database> {
  return asDatabase(await PGlite.create('memory://'))
}

function asDatabase(pglite: PGlite, unlock?: () => Promise<void>): Database {
  return {
    name: 'PostgreSQL in this process (PGlite)',
    ...queryable(pglite),
    transaction: (work) => pglite.transaction((tx) => work(queryable(tx))),
    close: async () => {
      await pglite.close()
      await unlock?.()
    },
  }
}

function queryable(source: Source): Queryable {
  return { query: (text, values = []) => source.query(text, [...values]) }
}
