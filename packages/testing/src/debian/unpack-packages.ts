import { mkdir, mkdtemp, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { cacheFolder } from '../process/cache-folder.ts'
import { withFileLock } from '../process/file-lock.ts'
import { reportProgress } from '../process/progress.ts'
import { run } from '../process/run.ts'
import { SourceUnavailable } from '../sources/source.ts'
import { type Apt, download, fetchLists, requireDebian, systemApt } from './apt.ts'
import { planDownload } from './plan-download.ts'

/**
 * Downloads the distribution's packages and unpacks them, with the libraries that are missing
 * here, into a folder of its own: no root, nothing installed. The folder is kept for later runs.
 *
 * @returns the folder, which looks like the root of a file system
 */
export async function unpackPackages(
  name: string,
  choose: (apt: Apt) => Promise<readonly string[]>,
): Promise<string> {
  const unpacked = join(cacheFolder, `${name}-${await describeSystem()}`)
  if (await exists(unpacked)) return unpacked
  await requireDebian()
  await mkdir(cacheFolder, { recursive: true })
  await withFileLock(`${unpacked}.lock`, async () => {
    if (await exists(unpacked)) return
    const work = await mkdtemp(`${unpacked}.partial-`)
    try {
      await unpackInto(join(work, 'root'), await downloadAll(work, choose))
      await moveUnlessThere(join(work, 'root'), unpacked)
    } finally {
      await rm(work, { recursive: true, force: true })
    }
  })
  return unpacked
}

async function downloadAll(
  work: string,
  choose: (apt: Apt) => Promise<readonly string[]>,
): Promise<string[]> {
  const attempt = async (apt: Apt, folder: string): Promise<string[]> => {
    const packages = await planDownload(apt, await choose(apt))
    reportProgress(`downloading ${packages.join(', ')} (Debian packages, once)`)
    return await download(apt, packages, join(work, folder))
  }
  try {
    return await attempt(systemApt, 'system')
  } catch {
    // Slim images come without lists, and old lists name files that are no longer there.
  }
  try {
    return await attempt(await fetchLists(join(work, 'apt')), 'fresh')
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new SourceUnavailable(`Debian package: ${why.trim()}`, 'machine', error)
  }
}

async function unpackInto(root: string, files: readonly string[]): Promise<void> {
  for (const file of files) await run('dpkg-deb', ['-x', file, root])
}

async function moveUnlessThere(from: string, to: string): Promise<void> {
  try {
    await rename(from, to)
  } catch (error) {
    // Somebody who took over a lock at the same moment was faster.
    if (!(await exists(to))) throw error
  }
}

async function describeSystem(): Promise<string> {
  const release = await readFile('/etc/os-release', 'utf8').catch(() => '')
  const codename = /^VERSION_CODENAME=(\w+)$/m.exec(release)?.[1] ?? 'unknown'
  return `${codename}-${process.arch}`
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  )
}
