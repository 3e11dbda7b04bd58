import { once } from 'node:events'
import { connect } from 'node:net'

/** Sends bytes as they are on a connection of their own, and gives all that comes back until it closes. */
export async function converse(port: number, ...parts: readonly string[]): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  const heard: Buffer[] = []
  socket.on('data', (chunk) => heard.push(chunk))
  // A server that refuses to hear more may do so rudely.
  socket.on('error', () => {})
  const closed = new Promise((resolve) => socket.once('close', resolve))
  await once(socket, 'connect')
  for (const part of parts) {
    await new Promise((resolve) => socket.write(part, 'latin1', resolve))
  }
  await closed
  return Buffer.concat(heard).toString('latin1')
}

/** A request as text; it asks for the connection to be closed unless told otherwise. */
export function rawRequest(first: string, fields: readonly string[] = [], body = ''): string {
  const isLast = !fields.some((field) => /^connection:/i.test(field))
  const lines = [`${first} HTTP/1.1`, 'Host: site.example', ...fields]
  if (isLast) lines.push('Connection: close')
  return `${lines.join('\r\n')}\r\n\r\n${body}`
}
