import { expect, it } from 'vitest'
import { MessageReader } from '../../src/postgres/pglite/message-reader.ts'

const tlsRequest = formatUntyped(80_877_103, '')
const startup = formatUntyped(196_608, 'user\0postgres\0\0')

it('tells a wish for encryption from the start and from questions', () => {
  const reader = new MessageReader()

  expect(reader.read(tlsRequest)).toEqual([{ kind: 'encrypt' }])
  expect(reader.read(startup)).toEqual([{ kind: 'start', bytes: startup }])
  expect(reader.read(format('Q', 'SELECT 1'))).toEqual([
    { kind: 'ask', bytes: format('Q', 'SELECT 1') },
  ])
  expect(reader.read(format('X', ''))).toEqual([{ kind: 'leave' }])
})

it('keeps the messages of one question together, however the bytes arrive', () => {
  const reader = new MessageReader()
  reader.read(startup)
  const question = Buffer.concat([format('P', 'parse'), format('B', 'bind'), format('S', '')])
  const bytes = Buffer.concat([question, format('Q', 'SELECT 2')])

  const words = [...bytes].flatMap((byte) => reader.read(Buffer.of(byte)))

  expect(words).toEqual([
    { kind: 'ask', bytes: question },
    { kind: 'ask', bytes: format('Q', 'SELECT 2') },
  ])
})

function format(type: string, text: string): Buffer {
  const length = Buffer.alloc(4)
  length.writeInt32BE(4 + text.length)
  return Buffer.concat([Buffer.from(type), length, Buffer.from(text)])
}

function formatUntyped(version: number, text: string): Buffer {
  const head = Buffer.alloc(8)
  head.writeInt32BE(8 + text.length)
  head.writeInt32BE(version, 4)
  return Buffer.concat([head, Buffer.from(text)])
}
