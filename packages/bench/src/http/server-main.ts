import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { type HttpPart, LINEUPS } from './lineups/index.ts'
import { createPages } from './pages.ts'

/** What a server process says when it is asked anything at all. */
export interface ServerState {
  readonly port: number
  /** Processor time that it has used so far. */
  readonly cpuMicroseconds: number
  /** How often its handler has run. */
  readonly handled: number
}

async function main(part: HttpPart, name: string, redisUrl: string): Promise<void> {
  let handled = 0
  const countHandled = (): void => {
    handled += 1
  }
  const contestant = LINEUPS[part].contestants.find((one) => one.name === name)
  if (contestant === undefined) throw new Error(`No contestant of ${part} is called "${name}"`)
  const createServer = await contestant.load()
  const server = await createServer({ pages: createPages(), countHandled, redisUrl })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  process.on('message', () => {
    const { user, system } = process.cpuUsage()
    process.send?.({ port, cpuMicroseconds: user + system, handled } satisfies ServerState)
  })
  process.on('disconnect', () => process.exit())
}

const [part, name, redisUrl = ''] = process.argv.slice(2)
await main(part as HttpPart, name as string, redisUrl)
