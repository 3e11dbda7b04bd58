import { describe, expect, it } from 'vitest'
import { AnswerReader } from '../../src/http/answer-reader.ts'

const LENGTH = 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody'
const CHUNKED = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n'

describe('AnswerReader', () => {
  for (const [kind, answer] of [
    ['of known length', LENGTH],
    ['in chunks', CHUNKED],
  ] as const) {
    it(`finds the end of an answer ${kind} wherever it is cut in two`, () => {
      for (let cut = 1; cut < answer.length; cut += 1) {
        const reader = new AnswerReader(4)

        const isCompleteEarly = reader.read(Buffer.from(answer.slice(0, cut)))
        const isComplete = reader.read(Buffer.from(answer.slice(cut)))

        expect([cut, isCompleteEarly, isComplete]).toEqual([cut, false, true])
      }
    })
  }

  it('throws on an answer of another status or length', () => {
    const wrong = [LENGTH.replace('200 OK', '304 Not Modified'), LENGTH.replace(': 4', ': 3')]

    for (const answer of wrong) {
      expect(() => new AnswerReader(4).read(Buffer.from(answer))).toThrow('A wrong answer')
    }
  })

  it('takes a refusal as long as it says it is, and nothing but a refusal', () => {
    const refusal = LENGTH.replace('200 OK', '429 Too Many Requests')

    expect(new AnswerReader(undefined, 429).read(Buffer.from(refusal))).toBe(true)
    expect(() => new AnswerReader(undefined, 429).read(Buffer.from(LENGTH))).toThrow(
      'A wrong answer',
    )
  })
})
