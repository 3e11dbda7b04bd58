import { connect } from 'node:net'

const ANSWER_WITHIN_MS = 1_000
const PROTOCOL_3_0 = 196_608

/**
 * Whether a PostgreSQL takes clients there: it answers a start-up message with a request for
 * authentication (`R`), where one that is still starting or already ending sends an error.
 */
export async function acceptsConnections(host: string, port: number): Promise<boolean> {
  const socket = connect({ host, port })
  socket.setTimeout(ANSWER_WITHIN_MS, () => socket.destroy())
  socket.write(formatStartup({ user: 'postgres', database: 'postgres' }))
  try {
    // Iterated, for it also ends where the connection closes without a byte and without an error.
    for await (const reply of socket) return String(reply).startsWith('R')
    return false
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

function formatStartup(parameters: Record<string, string>): Buffer {
  const text = Object.entries(parameters).flat().join('\0')
  const body = Buffer.from(`${text}\0\0`)
  const head = Buffer.alloc(8)
  head.writeInt32BE(head.length + body.length, 0)
  head.writeInt32BE(PROTOCOL_3_0, 4)
  return Buffer.concat([head, body])
}
