import {
  type IncomingHttpHeaders,
  type IncomingMessage,
  type RequestListener,
  request,
} from 'node:http'

/** What a proxy takes off, whichever way a message goes (RFC 9110 section 7.6.1). */
const HOP_BY_HOP = ['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'upgrade']

/**
 * A plain handler that asks a server for each answer and passes it on as it comes: what stands
 * behind a cache inside an app. It answers 502 when the server does not, and breaks off when it does.
 */
export function proxyTo(port: number): RequestListener {
  return (req, res) => {
    const { method, url: path } = req
    const headers = withoutHopByHop(req.headers)
    // A connection each: some cases break theirs, and no other may suffer from it.
    const upstream = request({ host: '127.0.0.1', port, method, path, headers, agent: false })
    let answer: IncomingMessage | undefined
    // Of what the server says after its answer nobody has asked.
    upstream.on('error', () => {
      if (answer?.complete) return
      if (res.headersSent) res.destroy()
      else res.writeHead(502).end()
    })
    upstream.on('information', ({ statusCode, headers: hints }) => {
      if (statusCode === 102) res.writeProcessing()
      if (statusCode === 103) res.writeEarlyHints(hints as Record<string, string>)
    })
    upstream.on('response', (incoming) => {
      answer = incoming
      incoming.on('error', () => res.destroy())
      res.writeHead(incoming.statusCode ?? 502, incoming.statusMessage, endToEnd(incoming))
      incoming.pipe(res)
    })
    req.pipe(upstream)
  }
}

function withoutHopByHop(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const kept = Object.entries(headers).filter(([name]) => !HOP_BY_HOP.includes(name))
  return Object.fromEntries(kept)
}

/** The fields as they came, several lines of a name included. */
function endToEnd({ rawHeaders, headers }: IncomingMessage): string[] {
  const named = headers.connection?.toLowerCase().split(/\s*,\s*/) ?? []
  const dropped = new Set([...HOP_BY_HOP, ...named])
  return rawHeaders.filter((_, index) => {
    const name = rawHeaders[index - (index % 2)] ?? ''
    return !dropped.has(name.toLowerCase())
  })
}
