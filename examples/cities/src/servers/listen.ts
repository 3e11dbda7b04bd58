import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Where a server is to listen. */
export interface Place {
  host: string
  port: number
  /** The setting to name when the port cannot be had. */
  variable: string
}

/** Waits until `server` listens, or throws a line that says why it cannot. */
export async function listen(server: Server, place: Place): Promise<void> {
  server.listen(place.port, place.host)
  await once(server, 'listening').catch((cause: unknown) => {
    throw listenError(cause, place)
  })
}

/** Throws when the port cannot be had: asked before any time goes into loading. */
export async function assertPortFree(place: Place): Promise<void> {
  const server = createServer()
  await listen(server, place)
  await close(server)
}

export async function close(server: Server): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  // Browsers keep idle connections open, and would hold up the end.
  server.closeAllConnections()
  await closed
}

export function listenError(cause: unknown, { host, port, variable }: Place): Error {
  const { code, message } = cause as NodeJS.ErrnoException
  if (code === 'EADDRINUSE') {
    const other = `${variable}=${port + 100} npx pnpm demo`
    return new Error(
      `${variable}: port ${port} is taken. Stop what holds it, or take another: ${other}`,
      { cause },
    )
  }
  return new Error(`${variable}: cannot listen on port ${port} of ${host}: ${message}`, { cause })
}

/** A URL that a person can type, with the port that was given for 0. */
export function urlOf(server: Server, host: string): string {
  const { port } = server.address() as AddressInfo
  const name = ['127.0.0.1', '0.0.0.0', '::', '::1'].includes(host) ? 'localhost' : host
  return `http://${name}:${port}`
}
