import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * Keeps a second process away from `folder`; returns what lets go of it.
 *
 * PGlite does not notice two writers on one set of files, and they would ruin it.
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const file = join(folder, 'pid')
  const holder = Number(await readFile(file, 'utf8').catch(() => ''))
  if (holder > 0 && isRunning(holder)) {
    throw new Error(
      `Process ${holder} has the demo's data open. Stop it first, or delete ${file} if it is no demo.`,
    )
  }
  // A holder that was killed left its file behind.
  await rm(file, { force: true })
  await writeFile(file, String(process.pid), { flag: 'wx' })
  return () => rm(file, { force: true })
}

function isRunning(pid: number): boolean {
  try {
    return pid !== process.pid && process.kill(pid, 0)
  } catch {
    return false
  }
}
