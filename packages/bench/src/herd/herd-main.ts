import { fork } from 'node:child_process'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

/**
 * Many clients ask for one cold page at the same time, which its handler streams for a second: how
 * often the handler runs, when they have their first byte, and what memory the server takes for them.
 */
interface Told {
  readonly port: number
  readonly bytes: number
  readonly baselineBytes: number
  readonly runs: number
  readonly firstByteAt: number
  readonly peakBytes: number
}

const { values } = parseArgs({ options: { clients: { type: 'string', default: '10000' } } })
const clients = Number(values.clients)
if (!Number.isInteger(clients) || clients < 1) {
  throw new Error(`--clients: found ${values.clients}, wanted a number from 1`)
}

const server = fork(fileURLToPath(new URL('./herd-server.ts', import.meta.url)), {
  execArgv: [...process.execArgv, '--expose-gc'],
})

async function told(asked?: string): Promise<Told> {
  if (asked !== undefined) server.send(asked)
  const [answer] = await once(server, 'message')
  return answer as Told
}

/** When a client had its first byte and how many it had. */
interface Received {
  readonly firstAt: number
  readonly bytes: number
}

function receive(socket: Socket): Promise<Received> {
  let firstAt = 0
  let bytes = 0
  socket.on('data', (chunk) => {
    firstAt ||= Date.now()
    bytes += chunk.length
  })
  return new Promise((resolve, reject) => {
    socket.on('error', reject)
    socket.on('close', () => resolve({ firstAt, bytes }))
  })
}

const { port, bytes } = await told()
const sockets: Socket[] = []
for (let index = 0; index < clients; index += 1) {
  const socket = connect({ port, host: '127.0.0.1' })
  await once(socket, 'connect')
  sockets.push(socket)
  if (index % 1_000 === 999) process.stderr.write(`${index + 1} of ${clients} connected\n`)
}
const { baselineBytes } = await told('baseline')
const startedAt = Date.now()
const received = sockets.map((socket) => {
  socket.write('GET /page HTTP/1.1\r\nHost: herd\r\nConnection: close\r\n\r\n')
  return receive(socket)
})
const results = await Promise.all(received)
const { runs, firstByteAt, peakBytes } = await told('end')
server.disconnect()

const waits = results.map(({ firstAt }) => firstAt - firstByteAt).sort((one, two) => one - two)
const whole = results.filter((result) => result.bytes > bytes).length
const megabytes = (count: number): string => `${(count / 1024 / 1024).toFixed(1)} MB`
console.log(`clients                                    ${clients}`)
console.log(`handler runs                               ${runs}`)
console.log(`clients with the whole of ${megabytes(bytes)}          ${whole}`)
console.log(`first byte after the handler's: median     ${waits[waits.length >> 1]} ms`)
console.log(`first byte after the handler's: last       ${waits.at(-1)} ms`)
console.log(`server memory before, all connected        ${megabytes(baselineBytes)}`)
console.log(`server memory at most, beyond that         ${megabytes(peakBytes - baselineBytes)}`)
console.log(
  `of it for each client                      ${Math.round((peakBytes - baselineBytes - bytes) / clients)} bytes`,
)
console.log(
  `all done after                             ${((Date.now() - startedAt) / 1_000).toFixed(1)} s`,
)
