import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { afterEach, expect, it } from 'vitest'
import { answersPing } from '../../src/redis/ping.ts'

let server: Server

afterEach(() => {
  server.close()
})

async function listen(serve: (socket: Socket) => void): Promise<number> {
  server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {})
    serve(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

it('takes a PONG, or a demand for the password, for an answer', async () => {
  const replies = ['+PONG\r\n', '-NOAUTH Authentication required.\r\n']
  const port = await listen((socket) => socket.end(replies.shift() ?? ''))

  expect(await answersPing('127.0.0.1', port)).toBe(true)
  expect(await answersPing('127.0.0.1', port)).toBe(true)
})

it('takes a Redis that is still loading for none', async () => {
  const port = await listen((socket) => socket.end('-LOADING Redis is loading\r\n'))

  expect(await answersPing('127.0.0.1', port)).toBe(false)
})

it('takes a connection that is closed without a byte for no answer', async () => {
  const port = await listen((socket) => socket.resume().end())

  expect(await answersPing('127.0.0.1', port)).toBe(false)
})

it('takes a connection that stays silent for no answer', async () => {
  const port = await listen((socket) => socket.resume())

  expect(await answersPing('127.0.0.1', port)).toBe(false)
})

it('takes a refused connection for no answer', async () => {
  const port = await listen(() => {})
  server.close()
  await once(server, 'close')

  expect(await answersPing('127.0.0.1', port)).toBe(false)
})
