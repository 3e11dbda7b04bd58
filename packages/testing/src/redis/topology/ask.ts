import { Redis } from 'ioredis'
import type { Target } from '../../proxy/proxied-connection.ts'

/** Sends one command to one server, by a connection of its own. */
export async function ask(
  { host, port }: Target,
  command: string,
  ...args: (string | number)[]
): Promise<unknown> {
  const client = new Redis({
    host,
    port,
    protocol: 2,
    lazyConnect: true,
    enableReadyCheck: false,
    retryStrategy: () => null,
  })
  client.on('error', () => {})
  try {
    await client.connect()
    return await client.call(command, ...args)
  } finally {
    client.disconnect()
  }
}

/** What INFO says of one section, such as `{ role: 'slave', master_link_status: 'up' }`. */
export async function readInfo(server: Target, section: string): Promise<Record<string, string>> {
  return parseInfo(String(await ask(server, 'INFO', section)))
}

/** Lines of `name:value`, as INFO and CLUSTER INFO give them. */
export function parseInfo(text: string): Record<string, string> {
  const lines = text.split('\r\n').filter((line) => line.includes(':'))
  return Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]),
  )
}
