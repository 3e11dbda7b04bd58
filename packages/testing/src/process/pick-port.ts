import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'

/**
 * Below the ports that systems give to outgoing connections. Otherwise a client that reconnects
 * to a killed server could be given the server's own port and end up connected to itself.
 */
const FIRST_PORT = 12_000
const LAST_PORT = 31_999

/**
 * A port on 127.0.0.1 that nobody listens on at the moment. Another process may still be faster,
 * so a caller that fails to bind asks again.
 */
export async function pickPort(): Promise<number> {
  for (;;) {
    const port = randomInt(FIRST_PORT, LAST_PORT + 1)
    if (await isFree(port)) return port
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer()
  try {
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
    return true
  } catch {
    return false
  } finally {
    server.close()
  }
}
