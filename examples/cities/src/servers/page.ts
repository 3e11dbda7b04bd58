import { readdir, readFile } from 'node:fs/promises'
import { extname } from 'node:path'

/** One file of the page, ready to send. */
export interface PageFile {
  headers: Record<string, string>
  body: Buffer
}

/** The files of the page at `/`, held in memory. */
export interface Page {
  find(method: string, path: string): PageFile | undefined
}

const FOLDER = new URL('../../page/', import.meta.url)

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
}

/** Reads the page's files; `/facts.json` is what `facts` says at the time of asking. */
export async function readPage(facts: () => unknown): Promise<Page> {
  const files = new Map<string, PageFile>()
  for (const name of await readdir(FOLDER)) {
    files.set(`/${name}`, pageFile(name, await readFile(new URL(name, FOLDER))))
  }
  const find = (path: string): PageFile | undefined => {
    if (path === '/facts.json') return pageFile(path, Buffer.from(JSON.stringify(facts())))
    return files.get(path === '/' ? '/index.html' : path)
  }
  return {
    find: (method, path) => (method === 'GET' || method === 'HEAD' ? find(path) : undefined),
  }
}

function pageFile(name: string, body: Buffer): PageFile {
  const headers = {
    'Content-Type': TYPES[extname(name)] ?? 'application/octet-stream',
    'Cache-Control': 'no-cache',
    'Content-Security-Policy': "default-src 'self'; img-src 'self' data:",
  }
  return { headers, body }
}
