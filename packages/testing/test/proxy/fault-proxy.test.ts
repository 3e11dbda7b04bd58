import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type FaultProxy, startFaultProxy, waitUntil } from '../../src/index.ts'

let target: Server
let atTarget: Socket[]
let proxy: FaultProxy
let clients: Socket[]

beforeEach(async () => {
  atTarget = []
  clients = []
  target = createServer({ allowHalfOpen: true }, (socket) => {
    atTarget.push(socket)
    socket.on('error', () => {})
    socket.on('data', (chunk) => socket.write(chunk))
    socket.on('end', () => socket.end())
  })
  target.listen(0, '127.0.0.1')
  await once(target, 'listening')
  proxy = await startFaultProxy({
    target: { host: '127.0.0.1', port: (target.address() as AddressInfo).port },
  })
})

afterEach(async () => {
  for (const client of clients) client.destroy()
  await proxy.close()
  target.close()
})

async function connectClient(): Promise<Socket> {
  return await connectToPort(proxy.port)
}

async function connectTo(server: Server): Promise<Socket> {
  return await connectToPort((server.address() as AddressInfo).port)
}

async function connectToPort(port: number): Promise<Socket> {
  const client = connect({ host: '127.0.0.1', port, allowHalfOpen: true })
  clients.push(client)
  client.setEncoding('utf8').on('error', () => {})
  await once(client, 'connect')
  return client
}

/** A client whose connection has reached the target and come back. */
async function connectThrough(): Promise<Socket> {
  const client = await connectClient()
  expect(await echo(client, 'hello')).toBe('hello')
  return client
}

async function echo(client: Socket, words: string): Promise<string> {
  client.write(words)
  const [answer] = await once(client, 'data')
  return answer
}

it('forwards both ways and counts the connections', async () => {
  await connectThrough()
  const second = await connectThrough()

  expect(proxy.connections).toBe(2)

  second.end()
  await waitUntil(() => proxy.connections === 1, 'the ended connection is no longer counted')
  expect(proxy.connectionsTaken).toBe(2)
})

it('forwards more than the buffers hold, in order', async () => {
  const client = await connectThrough()
  const sent = Array.from({ length: 200_000 }, (_, index) => `${index};`).join('')
  let received = ''
  client.on('data', (chunk: string) => {
    received += chunk
  })

  client.end(sent)
  await once(client, 'end')

  expect(received === sent).toBe(true)
})

it('forwards the end of a stream and still brings the answers back', async () => {
  const client = await connectThrough()

  client.end('last words')
  const [answer] = await once(client, 'data')
  await once(client, 'end')

  expect(answer).toBe('last words')
})

it('drop() ends the connections and refuses new ones until heal()', async () => {
  const client = await connectThrough()
  const ended = once(client, 'end')

  await proxy.drop()

  await ended
  expect(proxy.connections).toBe(0)
  await expect(connectClient()).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  await proxy.heal()
  await connectThrough()
})

it('stall() takes connections and bytes but passes nothing on until heal()', async () => {
  const old = await connectThrough()
  const heard: string[] = []
  await proxy.stall()
  const fresh = await connectClient()
  old.on('data', (chunk: string) => heard.push(chunk))
  fresh.on('data', (chunk: string) => heard.push(chunk))
  const reachedTarget = atTarget[0]?.bytesRead

  old.write('old')
  fresh.write('fresh')
  await waitUntil(() => proxy.connections === 2, 'the new connection was taken')
  // A round trip beside the proxy: whatever leaked through it would have arrived meanwhile.
  expect(await echo(await connectTo(target), 'beside')).toBe('beside')

  expect(heard).toEqual([])
  expect(atTarget[0]?.bytesRead).toBe(reachedTarget)
  await proxy.heal()
  await waitUntil(() => heard.length === 2, 'what was held back has come through')
  expect(heard.sort()).toEqual(['fresh', 'old'])
})

it("stall('to-client') holds back the answers alone", async () => {
  const client = await connectThrough()
  const heard: string[] = []
  client.on('data', (chunk: string) => heard.push(chunk))
  await proxy.stall('to-client')

  client.write('on its way')
  await once(atTarget[0] as Socket, 'data')
  expect(await echo(await connectTo(target), 'beside')).toBe('beside')

  expect(heard).toEqual([])
  await proxy.heal()
  await waitUntil(() => heard.length === 1, 'the answer has come through')
})

it("stall('to-target') holds back the questions alone", async () => {
  const client = await connectThrough()
  const heard = once(client, 'data')
  const reachedTarget = atTarget[0]?.bytesRead
  await proxy.stall('to-target')

  client.write('held back')
  atTarget[0]?.write('news')

  expect(await heard).toEqual(['news'])
  expect(atTarget[0]?.bytesRead).toBe(reachedTarget)
})

it('a stall counts no client that has left meanwhile, and tells the target afterwards', async () => {
  const [polite, rude, staying] = [
    await connectThrough(),
    await connectThrough(),
    await connectThrough(),
  ]
  const ended: number[] = []
  atTarget.forEach((socket, index) => {
    socket.on('close', () => ended.push(index))
  })
  await proxy.stall()

  polite.end()
  rude.resetAndDestroy()
  await waitUntil(() => proxy.connections === 1, 'the two are no longer counted')
  expect(await echo(await connectTo(target), 'beside')).toBe('beside')

  expect(ended).toEqual([])
  await proxy.heal()
  await waitUntil(() => ended.length === 2, 'the target has heard of both')
  expect(ended.sort()).toEqual([0, 1])
  expect(await echo(staying, 'still here')).toBe('still here')
})

it('a stall hides from the client that the target has gone', async () => {
  const client = await connectThrough()
  const closed: string[] = []
  client.on('close', () => closed.push('client'))
  await proxy.stall()

  atTarget[0]?.resetAndDestroy()
  expect(await echo(await connectTo(target), 'beside')).toBe('beside')

  expect(closed).toEqual([])
  await proxy.heal()
  await waitUntil(() => closed.length === 1, 'the client has heard of it')
})

it('heal() and drop() may be called at the same time, in any number: the last one counts', async () => {
  await proxy.drop()
  await Promise.all([proxy.heal(), proxy.heal(), proxy.heal()])
  await connectThrough()

  await Promise.all([proxy.drop(), proxy.heal(), proxy.drop(), proxy.heal()])
  await connectThrough()

  await Promise.all([proxy.heal(), proxy.drop()])
  await expect(connectClient()).rejects.toMatchObject({ code: 'ECONNREFUSED' })
})

it('reset() breaks connections off on both sides and lets new ones in', async () => {
  const client = await connectThrough()
  const atClient = new Promise((resolve) => client.once('error', resolve))
  const atServer = new Promise((resolve) => atTarget[0]?.once('error', resolve))

  await proxy.reset()

  expect(await atClient).toMatchObject({ code: 'ECONNRESET' })
  expect(await atServer).toMatchObject({ code: 'ECONNRESET' })
  await connectThrough()
})

it('halfClose() ends what the client reads while what it writes still arrives', async () => {
  const client = await connectThrough()
  const ended = once(client, 'end')

  await proxy.halfClose()
  await ended
  client.write('into the void')

  const [arrived] = await once(atTarget[0] as Socket, 'data')
  expect(String(arrived)).toBe('into the void')
  expect(proxy.connections).toBe(1)
})

it('delay() makes a round trip take twice as long and keeps the order', async () => {
  const client = await connectThrough()
  let heard = ''
  client.on('data', (chunk: string) => {
    heard += chunk
  })
  await proxy.delay(40)
  const startMs = performance.now()

  client.write('1')
  await new Promise((resolve) => setImmediate(resolve))
  client.write('2')
  await waitUntil(() => heard.length === 2, 'both answers are back')

  expect(heard).toBe('12')
  // Timers may fire a millisecond early; that it takes longer than without is the point.
  expect(performance.now() - startMs).toBeGreaterThan(70)
})

it("delay(ms, 'uneven') holds back every other connection", async () => {
  const slow = await connectThrough()
  const quick = await connectThrough()
  await proxy.delay(3_600_000, 'uneven')
  const fromSlow = echo(slow, 'slow')

  expect(await echo(quick, 'quick')).toBe('quick')

  await proxy.heal()
  expect(await fromSlow).toBe('slow')
})

it('heal() takes a delay away, also from what is on its way', async () => {
  const client = await connectThrough()
  await proxy.delay(3_600_000)
  client.write('hurry')
  const answer = once(client, 'data')

  await proxy.heal()

  expect(await answer).toEqual(['hurry'])
})

it('a target that cannot be reached shows as a broken connection', async () => {
  target.close()
  const client = connect({ host: proxy.host, port: proxy.port })
  clients.push(client)

  const [error] = await once(client, 'error').catch((reason) => [reason])

  expect(error).toMatchObject({ code: 'ECONNRESET' })
})

it('close() leaves nothing behind', async () => {
  const client = await connectThrough()
  const closed = once(client, 'end')

  await proxy.close()

  await closed
  expect(proxy.connections).toBe(0)
  await expect(connectClient()).rejects.toMatchObject({ code: 'ECONNREFUSED' })
})
