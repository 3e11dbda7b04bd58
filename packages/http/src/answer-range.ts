import type { OutgoingHttpHeader } from 'node:http'
import { joinLines } from './fields/list.ts'
import type { ResponseSink } from './recording/response-sink.ts'
import { decideRange, isLeftOutOf416 } from './rules/range.ts'
import type { HitFacts, StoredResponse } from './storing/stored-response.ts'
import type { Visit } from './visit.ts'

/** Sends the part of a stored response that was asked for; false when that is all of it. */
export function answerRange<Req, C>(
  { headers }: Visit<Req, C>,
  sink: ResponseSink,
  stored: StoredResponse,
  facts: HitFacts,
): boolean {
  const { etag, lastModified, body } = stored
  const { range = '' } = headers
  const ifRange = joinLines(headers['if-range'])
  const source = { length: body.length, etag, lastModified }
  const decision = decideRange(range, ifRange, source)
  if (decision.kind === 'whole') return false
  const hit = stored.headOfHit(facts)
  if (decision.kind === 'unsatisfiable') {
    const head = without(hit, isLeftOutOf416)
    sink.writeHead(416, [...head, 'Content-Range', `bytes */${body.length}`, 'Content-Length', '0'])
    sink.end()
    return true
  }
  const { first, last } = decision
  const head = without(hit, (name) => name === 'content-length' || name === 'content-range')
  const part = body.subarray(first, last + 1)
  const about = ['Content-Range', `bytes ${first}-${last}/${body.length}`]
  sink.writeHead(206, [...head, ...about, 'Content-Length', String(part.length)])
  sink.end(part)
  return true
}

function without(
  head: readonly OutgoingHttpHeader[],
  isLeftOut: (name: string) => boolean,
): OutgoingHttpHeader[] {
  return head.filter((_, index) => !isLeftOut(String(head[index - (index % 2)]).toLowerCase()))
}
