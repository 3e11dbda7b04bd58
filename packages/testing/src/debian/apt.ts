import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { findOnPath } from '../process/find-on-path.ts'
import { reportProgress } from '../process/progress.ts'
import { run } from '../process/run.ts'
import { SourceUnavailable } from '../sources/source.ts'

/** Which package lists apt uses: the system's, or our own fresh ones where those do not do. */
export interface Apt {
  readonly options: readonly string[]
}

/** Root's apt would otherwise switch to a user who may not write to our folders. */
const AS_WE_ARE = ['-o', 'APT::Sandbox::User=root']

/** The system's own lists. */
export const systemApt: Apt = { options: AS_WE_ARE }

/** Throws where there is no apt and dpkg. */
export async function requireDebian(): Promise<void> {
  for (const program of ['apt-get', 'apt-cache', 'dpkg-deb', 'dpkg-query']) {
    if ((await findOnPath(program)) === undefined) {
      throw new SourceUnavailable(`Debian package: ${program} is missing (not a Debian or Ubuntu)`)
    }
  }
}

/** Lists of our own, fetched into `folder`: needs no root and leaves the system as it is. */
export async function fetchLists(folder: string): Promise<Apt> {
  reportProgress('fetching the lists of Debian packages')
  await mkdir(join(folder, 'lists/partial'), { recursive: true })
  await mkdir(join(folder, 'archives/partial'), { recursive: true })
  const options = [
    ...AS_WE_ARE,
    ...['-o', `Dir::State=${folder}`, '-o', `Dir::Cache=${folder}`],
    ...['-o', 'Debug::NoLocking=1'],
  ]
  await run('apt-get', ['update', ...options])
  return { options }
}

/** Downloads the newest version of the packages into `folder` and gives the files' paths. */
export async function download(
  apt: Apt,
  packages: readonly string[],
  folder: string,
): Promise<string[]> {
  await mkdir(folder, { recursive: true })
  await run('apt-get', ['download', ...apt.options, ...packages], { cwd: folder })
  return (await readdir(folder)).map((file) => join(folder, file))
}

/** The packages that `packages` name as needed, without those that only exist virtually. */
export async function readDependencies(apt: Apt, packages: readonly string[]): Promise<string[]> {
  const text = await run('apt-cache', ['depends', ...apt.options, ...packages])
  const names = text.matchAll(/^ [ |](?:Pre)?Depends: ([^<\s]+)$/gm)
  return [...new Set(Array.from(names, ([, name = '']) => name))]
}

/** Whether the package is installed on this system. */
export async function isInstalled(packageName: string): Promise<boolean> {
  const query = ['-W', '-f', '$' + '{db:Status-Status}', packageName]
  const status = await run('dpkg-query', query).catch(() => '')
  return status.includes('installed') && !status.includes('not-installed')
}
