import { readdir } from 'node:fs/promises'
import { delimiter, join } from 'node:path'

/** The environment in which programs below `root` find the libraries that lie beside them. */
export async function withLibrariesOf(root: string): Promise<NodeJS.ProcessEnv> {
  const folders = await Promise.all(
    ['usr/lib', 'lib'].map(async (parent) => {
      const names = await readdir(join(root, parent)).catch(() => [])
      // Debian keeps them by architecture: usr/lib/x86_64-linux-gnu.
      return names
        .filter((name) => name.includes('-linux-'))
        .map((name) => join(root, parent, name))
    }),
  )
  return { ...process.env, LD_LIBRARY_PATH: folders.flat().join(delimiter) }
}
