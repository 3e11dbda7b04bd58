import { once } from 'node:events'
import { connect } from 'node:net'

const ANSWER_WITHIN_MS = 1_000

/** Whether a Redis answers PING there. One that asks for a password counts as answering. */
export async function answersPing(host: string, port: number): Promise<boolean> {
  const socket = connect({ host, port })
  socket.setTimeout(ANSWER_WITHIN_MS, () => socket.destroy())
  socket.end('PING\r\n')
  try {
    const [reply] = await once(socket, 'data')
    return /^(\+PONG|-NOAUTH)/.test(String(reply))
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}
