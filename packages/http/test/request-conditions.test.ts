import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { RequestConditions } from '../src/request-conditions.ts'

/** A request with these fields, in both forms. */
function requestWith(...raw: string[]): IncomingMessage {
  const req = new IncomingMessage(new Socket())
  req.rawHeaders.push(...raw)
  for (let index = 0; index < raw.length; index += 2) {
    req.headers[raw[index]?.toLowerCase() ?? ''] = raw[index + 1]
  }
  return req
}

describe('RequestConditions (RFC 9111 section 4.3.1)', () => {
  it("take the client's own off while the handler runs, and give them back", () => {
    const req = requestWith('X-A', 'If-None-Match', 'IF-NONE-MATCH', '"1"', 'Host', 'a')
    const before = { raw: [...req.rawHeaders], fields: { ...req.headers } }

    const conditions = new RequestConditions(req, undefined)
    const meanwhile = { raw: [...req.rawHeaders], fields: { ...req.headers } }
    conditions.restore()

    expect(conditions.own).toEqual({ 'if-none-match': '"1"' })
    expect(meanwhile.raw).toEqual(['X-A', 'If-None-Match', 'Host', 'a'])
    expect(meanwhile.fields).toEqual({ 'x-a': 'If-None-Match', host: 'a' })
    expect({ raw: req.rawHeaders, fields: { ...req.headers } }).toEqual(before)
  })

  it("put the cache's in their place", () => {
    const req = requestWith('If-Modified-Since', 'x', 'Host', 'a')

    new RequestConditions(req, { 'if-none-match': '"2"' })

    expect(req.rawHeaders).toEqual(['Host', 'a', 'if-none-match', '"2"'])
    expect({ ...req.headers }).toEqual({ host: 'a', 'if-none-match': '"2"' })
  })

  it('what the handler changes of a request without any is left as it is', () => {
    const req = requestWith('Host', 'a')

    const conditions = new RequestConditions(req, undefined)
    req.headers['x-late'] = '1'
    conditions.restore()

    expect({ ...req.headers }).toEqual({ host: 'a', 'x-late': '1' })
  })
})
