import { createServer, type RequestListener, type Server } from 'node:http'
import { CONTENT_TYPE, type Site } from '../contestant.ts'
import { StoredPages } from '../stored-pages.ts'
import { RedisPages } from './redis-floor.ts'

/** Writes a prebuilt buffer: what node:http costs by itself. */
export function nodeHandler(site: Site): Server {
  return createServer(writePrebuilt(site))
}

/** The floor in front of nothing at all. */
export function nodeFloor(site: Site): Server {
  return createStoredServer(site, new StoredPages(site.pages))
}

/** The same with the bodies in Redis. */
export async function nodeRedisFloor(site: Site): Promise<Server> {
  return createStoredServer(site, await RedisPages.of(site))
}

function createStoredServer(site: Site, stored: StoredPages | RedisPages): Server {
  const handle = writePrebuilt(site)
  return createServer((request, response) => {
    if (!stored.answer(request, response)) handle(request, response)
  })
}

/** A listener that writes a page from memory. */
export function writePrebuilt({ pages, countHandled }: Site): RequestListener {
  const bodies = new Map(pages.map(({ path, body }) => [path, body]))
  return (request, response) => {
    const body = bodies.get(pathOf(request.url as string))
    countHandled()
    if (body === undefined) {
      response.writeHead(404).end()
      return
    }
    response.writeHead(200, { 'Content-Type': CONTENT_TYPE, 'Content-Length': body.length })
    response.end(body)
  }
}

function pathOf(url: string): string {
  const end = url.indexOf('?')
  return end === -1 ? url : url.slice(0, end)
}
