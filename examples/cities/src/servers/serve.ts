import { createServer } from 'node:http'
import type { Express } from 'express'
import type { FastifyInstance } from 'fastify'
import { close, listen, listenError, type Place, urlOf } from './listen.ts'
import { withServerTiming } from './server-timing.ts'

/** A server that accepts connections. */
export interface Served {
  url: string
  close(): Promise<void>
}

export async function serveExpress(app: Express, place: Place): Promise<Served> {
  const server = createServer(withServerTiming(app))
  await listen(server, place)
  return { url: urlOf(server, place.host), close: () => close(server) }
}

export async function serveFastify(app: FastifyInstance, place: Place): Promise<Served> {
  try {
    await app.listen({ host: place.host, port: place.port })
  } catch (cause) {
    await app.close()
    throw listenError(cause, place)
  }
  return { url: urlOf(app.server, place.host), close: () => app.close() }
}
