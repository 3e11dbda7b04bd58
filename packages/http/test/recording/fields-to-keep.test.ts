import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { type Field, fieldsToKeep } from '../../src/recording/fields-to-keep.ts'
import { ResponseHead } from '../../src/recording/response-head.ts'

const NOW = Date.UTC(2026, 0, 1, 12)
const DATE: [string, string] = ['Date', new Date(NOW).toUTCString()]

function keep(
  fields: readonly Field[],
  notKept: string[] = [],
  before: Record<string, string> = {},
): Field[] {
  const res = new ServerResponse(new IncomingMessage(new Socket()))
  for (const [name, value] of fields) res.setHeader(name, value)
  return fieldsToKeep(new ResponseHead(res), notKept, before, NOW)
}

describe('fieldsToKeep() (RFC 9111 section 3.1)', () => {
  it.each([
    'Age',
    'Connection',
    'Content-Length',
    'Keep-Alive',
    'Proxy-Authenticate',
    'Set-Cookie',
    'Trailer',
    'TRANSFER-ENCODING',
    'Upgrade',
  ])('leaves out %s', (name) => {
    expect(keep([[name, 'x'], DATE])).toEqual([DATE])
  })

  it('leaves out what Connection names, and what private="..." does', () => {
    const fields: Field[] = [
      ['Connection', 'close, X-Hop'],
      ['X-Hop', '1'],
      ['X-Own', '1'],
      ['X-A', '1'],
      DATE,
    ]

    expect(keep(fields, ['x-own'])).toEqual([['X-A', '1'], DATE])
  })

  it("leaves out what was set before the cache's turn came, unless the handler has changed it", () => {
    const before = { 'x-request-id': '7', 'x-frame-options': 'DENY' }

    expect(
      keep([['X-Request-Id', '7'], ['X-Frame-Options', 'SAMEORIGIN'], DATE], [], before),
    ).toEqual([['X-Frame-Options', 'SAMEORIGIN'], DATE])
  })

  it('adds a Date where there is none', () => {
    expect(keep([['X-A', ['1', '2']]])).toEqual([['X-A', ['1', '2']], DATE])
  })
})
