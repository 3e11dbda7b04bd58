import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A server on a port of its own of the loopback interface. */
export interface Listening {
  readonly port: number
  close(): Promise<void>
}

export async function listen(server: Server): Promise<Listening> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
