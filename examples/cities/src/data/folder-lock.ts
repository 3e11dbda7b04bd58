import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { connect, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * Keeps a second process away from `folder`; returns what lets go of it, or `undefined` when another
 * process has it.
 *
 * PGlite does not notice two writers on one set of files, and they would ruin it. The lock is a
 * local socket that the holder listens on: unlike a file with a process id, it dies with its holder.
 */
export async function lockFolder(folder: string): Promise<(() => Promise<void>) | undefined> {
  const path = socketOf(folder)
  if (await isAnswering(path)) return undefined
  // What a holder that was killed left behind.
  await rm(path, { force: true })
  const server = createServer((socket) => socket.destroy()).unref()
  await once(server.listen(path), 'listening')
  return () => close(server)
}

/** A short name in the folder for temporary files: the path of a socket may have 100 characters. */
function socketOf(folder: string): string {
  const name = `hotpath-${createHash('sha256').update(folder).digest('hex').slice(0, 16)}`
  return process.platform === 'win32' ? `\\\\.\\pipe\\${name}` : join(tmpdir(), `${name}.sock`)
}

async function isAnswering(path: string): Promise<boolean> {
  const socket = connect(path)
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

async function close(server: Server): Promise<void> {
  server.close()
  await once(server, 'close')
}
