import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import handleConfig from 'http-cache-tests/server/handle-config.mjs'
import handleState from 'http-cache-tests/server/handle-state.mjs'
import handleTest from 'http-cache-tests/server/handle-test.mjs'
import { type Listening, listen } from './listen.ts'

const HANDLERS = { config: handleConfig, state: handleState, test: handleTest }

/** The suite's own server, which answers each case's requests as the case says. */
export function startOrigin(): Promise<Listening> {
  return listen(createServer(answer))
}

function answer(req: IncomingMessage, res: ServerResponse): void {
  const { pathname } = new URL(req.url ?? '/', 'http://localhost')
  const [kind, ...segments] = pathname.slice(1).split('/')
  const handle = Object.entries(HANDLERS).find(([name]) => name === kind)?.[1]
  if (handle !== undefined) handle(segments, req, res)
  else res.writeHead(404).end()
}
