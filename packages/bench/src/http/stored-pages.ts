import type { IncomingMessage, ServerResponse } from 'node:http'
import { CACHE_CONTROL, CONTENT_TYPE, type Page } from './contestant.ts'

interface StoredPage {
  /** Names and values in turn, as `writeHead` takes them; the last one is the value of Age. */
  readonly rawHeaders: string[]
  readonly body: Buffer
  readonly storedAtMs: number
}

/**
 * The least that a correct hit can do, whatever it is built into: a Map lookup, a prebuilt raw
 * header array, Age, `end(buffer)`.
 */
export class StoredPages {
  readonly #pages: Map<string | undefined, StoredPage>

  constructor(pages: readonly Page[]) {
    this.#pages = new Map(pages.map((page) => [page.path, store(page)]))
  }

  /** Answers a request if it can; says whether it did. */
  answer(request: IncomingMessage, response: ServerResponse): boolean {
    if (request.method !== 'GET') return false
    const stored = this.#pages.get(request.url)
    if (stored === undefined) return false
    const { rawHeaders, body, storedAtMs } = stored
    rawHeaders[rawHeaders.length - 1] = String(Math.floor((Date.now() - storedAtMs) / 1_000))
    response.writeHead(200, rawHeaders)
    response.end(body)
    return true
  }
}

function store({ body }: Page): StoredPage {
  const headers = {
    'Content-Type': CONTENT_TYPE,
    'Content-Length': String(body.length),
    'Cache-Control': CACHE_CONTROL,
    ETag: `"${body.length.toString(36)}"`,
    Date: new Date().toUTCString(),
    Age: '0',
  }
  return { rawHeaders: Object.entries(headers).flat(), body, storedAtMs: Date.now() }
}
