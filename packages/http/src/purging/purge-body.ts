import type { IncomingMessage } from 'node:http'
import { PurgeProblem } from './purge-answer.ts'

const MOST_BYTES = 64 * 1024

/** The JSON that a request carries. */
export async function readPurgeBody(req: IncomingMessage): Promise<unknown> {
  // A form of another site cannot say this of itself without having been asked whether it may.
  if (!req.headers['content-type']?.startsWith('application/json')) {
    throw new PurgeProblem(415, 'Wanted a body of type application/json')
  }
  const text = await readText(req)
  try {
    return JSON.parse(text)
  } catch {
    throw new PurgeProblem(400, 'The body is not JSON')
  }
}

async function readText(req: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of req as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > MOST_BYTES) throw new PurgeProblem(413, `Wanted at most ${MOST_BYTES} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}
