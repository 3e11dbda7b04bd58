import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SupervisedProcess } from './supervised-process.ts'

/** A folder that goes away with whoever holds it. */
export interface HeldFolder {
  readonly path: string
  /** Removes it. */
  release(): Promise<void>
}

/**
 * A temporary folder that outlives the servers which come and go in it, and is removed when it is
 * released or this process ends, SIGKILL included.
 */
export async function holdFolder(name: string): Promise<HeldFolder> {
  const path = await mkdtemp(join(tmpdir(), `${name}-`))
  const holder = await SupervisedProcess.start({
    command: 'sleep',
    args: ['2147483647'],
    folder: path,
  })
  return { path, release: () => holder.end('SIGKILL') }
}
