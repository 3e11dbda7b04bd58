import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { PGlite } from '@electric-sql/pglite'
import { pickPort } from '../../process/pick-port.ts'
import type { PostgresServer } from '../postgres-server.ts'
import { PGliteSession } from './pglite-session.ts'
import { Turns } from './turns.ts'

const HOST = '127.0.0.1'

/** Starts PGlite in memory and a server on a free port of 127.0.0.1 through which clients use it. */
export async function startPGliteServer(): Promise<PostgresServer> {
  const database = await PGlite.create('memory://')
  const sockets = new Set<Socket>()
  const server = createServer(accept(database, sockets))
  const port = await listen(server)
  return {
    url: `postgres://postgres@${HOST}:${port}/postgres`,
    host: HOST,
    port,
    source: 'pglite',
    stop: async () => {
      if (database.closed) return
      server.close()
      for (const socket of sockets) socket.destroy()
      await database.close()
    },
  }
}

function accept(database: PGlite, sockets: Set<Socket>): (socket: Socket) => void {
  const turns = new Turns<PGliteSession>()
  return (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    // A client that breaks off is no error of ours.
    new PGliteSession(socket, database, turns).serve().catch(() => socket.destroy())
  }
}

async function listen(server: Server): Promise<number> {
  const port = await pickPort()
  server.listen(port, HOST)
  await once(server, 'listening')
  // Like a server that is a process, it must not keep ours alive.
  server.unref()
  return port
}
