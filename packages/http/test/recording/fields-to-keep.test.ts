import { describe, expect, it } from 'vitest'
import { fieldsToKeep } from '../../src/recording/fields-to-keep.ts'
import type { FieldValue, ResponseHead } from '../../src/recording/response-head.ts'
import { KnownVary } from '../../src/storing/known-vary.ts'

const NOW = Date.UTC(2026, 0, 1, 12)
const DATE: [string, string] = ['Date', new Date(NOW).toUTCString()]

function keep(
  fields: [string, FieldValue][],
  notKept: string[] = [],
  before: Record<string, string> = {},
): (readonly [string, FieldValue])[] {
  const get = (wanted: string): string | undefined => {
    const found = fields.find(([name]) => name.toLowerCase() === wanted)
    return found === undefined ? undefined : String(found[1])
  }
  const head: Pick<ResponseHead, 'get' | 'fields'> = { get, fields: () => fields }
  return fieldsToKeep(head, notKept, before, NOW)
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
    const fields: [string, FieldValue][] = [
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

describe('KnownVary', () => {
  it('knows by which fields the responses of a URL were last told apart', () => {
    const known = new KnownVary()

    known.remember('/a', ['x-a'])
    known.remember('/b', ['x-a'])
    known.remember('/a', ['x-b'])
    known.remember('/b', [])

    expect([known.get('/a'), known.get('/b'), known.get('/c')]).toEqual([
      ['x-b'],
      undefined,
      undefined,
    ])
  })

  it('a flood of keys makes it forget the oldest, however long they are', () => {
    const known = new KnownVary()
    const long = 'x'.repeat(8_000)

    for (let index = 0; index <= 10_000; index += 1) known.remember(`${index}${long}`, ['x-a'])

    expect(known.get(`0${long}`)).toBeUndefined()
    expect(known.get(`10000${long}`)).toEqual(['x-a'])
  })
})
