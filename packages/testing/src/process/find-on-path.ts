import { access, constants } from 'node:fs/promises'
import { delimiter, join } from 'node:path'

/** The full path of `program` if a folder of PATH, or one of `moreFolders`, holds it. */
export async function findOnPath(
  program: string,
  moreFolders: readonly string[] = [],
): Promise<string | undefined> {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '')
  for (const folder of [...folders, ...moreFolders]) {
    const candidate = join(folder, program)
    if (await isExecutable(candidate)) return candidate
  }
  return undefined
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
