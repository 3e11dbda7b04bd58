import { connect } from 'node:net'

const ANSWER_WITHIN_MS = 1_000

/** Whether a Redis answers PING there. One that asks for a password counts as answering. */
export async function answersPing(host: string, port: number): Promise<boolean> {
  const socket = connect({ host, port })
  socket.setTimeout(ANSWER_WITHIN_MS, () => socket.destroy())
  socket.end('PING\r\n')
  try {
    // Iterated, for it also ends where the connection closes without a byte and without an error:
    // Docker's proxy does that to those who come before the server does.
    for await (const reply of socket) return /^(\+PONG|-NOAUTH)/.test(String(reply))
    return false
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}
