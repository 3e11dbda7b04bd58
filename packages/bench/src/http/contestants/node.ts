import { createServer, type RequestListener, type Server } from 'node:http'
import { CONTENT_TYPE, type Site } from '../contestant.ts'
import { StoredPages } from '../stored-pages.ts'

/** Writes a prebuilt buffer: what node:http costs by itself. */
export function nodeHandler(site: Site): Server {
  return createServer(writePrebuilt(site))
}

/** The floor in front of nothing at all. */
export function nodeFloor(site: Site): Server {
  const stored = new StoredPages(site.pages)
  const handle = writePrebuilt(site)
  return createServer((request, response) => {
    if (!stored.answer(request, response)) handle(request, response)
  })
}

/** A listener that writes a page from memory. */
export function writePrebuilt({ pages, countHandled }: Site): RequestListener {
  const bodies = new Map<string | undefined, Buffer>(pages.map(({ path, body }) => [path, body]))
  return (request, response) => {
    const body = bodies.get(request.url)
    countHandled()
    if (body === undefined) {
      response.writeHead(404).end()
      return
    }
    response.writeHead(200, { 'Content-Type': CONTENT_TYPE, 'Content-Length': body.length })
    response.end(body)
  }
}
