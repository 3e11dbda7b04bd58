import { spawn } from 'node:child_process'
import { copyFile, mkdir, mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { getContainerRuntimeClient } from 'testcontainers'
import { withLibrariesOf } from '../../src/debian/library-folders.ts'
import { unpackPackages } from '../../src/debian/unpack-packages.ts'
import { findOnPath } from '../../src/process/find-on-path.ts'
import { run } from '../../src/process/run.ts'

const REPOSITORY = 'hotpath-redis'

/**
 * Imports an image that holds redis-server and the libraries that it needs, and nothing else, so
 * that no registry has to be reached.
 *
 * @returns the image's name
 */
export async function importRedisImage(): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'hotpath-image-'))
  try {
    await fillRoot(root)
    await importRoot(root)
    return `${REPOSITORY}:latest`
  } finally {
    await rm(root, { recursive: true, force: true })
  }
}

async function fillRoot(root: string): Promise<void> {
  const { command, env } = await findRedis()
  await copyInto(root, command, '/usr/bin/redis-server')
  for (const library of await listLibraries(command, env)) {
    // The program names its loader by its full path; all else is looked up in /lib.
    const isLoader = basename(library).startsWith('ld-')
    await copyInto(root, library, isLoader ? library : join('/lib', basename(library)))
  }
}

async function findRedis(): Promise<{ command: string; env: NodeJS.ProcessEnv }> {
  const installed = await findOnPath('redis-server')
  if (installed !== undefined) return { command: installed, env: process.env }
  const unpacked = await unpackPackages('redis', async () => ['redis-server', 'redis-tools'])
  const env = await withLibrariesOf(unpacked)
  return { command: join(unpacked, 'usr/bin/redis-server'), env }
}

async function listLibraries(command: string, env: NodeJS.ProcessEnv): Promise<string[]> {
  const text = await run('ldd', [command], { env })
  return Array.from(text.matchAll(/(?:=> |^\s+)(\/\S+) \(0x/gm), ([, path = '']) => path)
}

async function copyInto(root: string, from: string, to: string): Promise<void> {
  await mkdir(dirname(join(root, to)), { recursive: true })
  await copyFile(await realpath(from), join(root, to))
}

async function importRoot(root: string): Promise<void> {
  const { container } = await getContainerRuntimeClient()
  const tar = spawn('tar', ['-C', root, '-c', '.'], { stdio: ['ignore', 'pipe', 'inherit'] })
  const answer = await container.dockerode.importImage(tar.stdout, { repo: REPOSITORY })
  for await (const line of answer) {
    if (String(line).includes('"error"')) throw new Error(`docker import: ${line}`)
  }
}
