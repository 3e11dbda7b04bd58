import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import {
  createRequestLimiter,
  type PolicyOptions,
  type RequestLimiter,
  type RequestLimitOptions,
} from '../../src/index.ts'

const LIMIT = { limit: 5, window: '1h' } as const
const raw = new IncomingMessage(new Socket())

const opened: RequestLimiter[] = []
afterEach(async () => {
  await Promise.all(opened.splice(0).map((limits) => limits.close()))
})

function open(options: RequestLimitOptions): RequestLimiter {
  const limits = createRequestLimiter(options)
  opened.push(limits)
  return limits
}

describe('check()', () => {
  it.each<[string, RequestLimitOptions]>([
    ['there is nothing to ask', LIMIT],
    ['skip answers', { ...LIMIT, skip: () => false }],
    ['key answers', { ...LIMIT, key: () => 'user:7' }],
    ['lists answer', { ...LIMIT, allowList: () => false, denyList: () => false }],
  ])('in memory it decides at once where %s at once', (_what, options) => {
    const checked = open(options).check({}, raw)

    expect(checked).toMatchObject({ decision: { allowed: true } })
  })

  it.each<[string, RequestLimitOptions, object | undefined]>([
    ['skip', { ...LIMIT, skip: async () => true }, undefined],
    ['key', { ...LIMIT, key: async () => 'user:7' }, { decision: { allowed: true } }],
    ['allowList', { ...LIMIT, allowList: async () => true }, undefined],
    ['denyList', { ...LIMIT, denyList: async () => true }, { decision: { reason: 'denied' } }],
  ])('it waits for a promise of %s', async (_name, options, wanted) => {
    const checked = open(options).check({}, raw)

    expect(checked).toBeInstanceOf(Promise)
    if (wanted === undefined) expect(await checked).toBeUndefined()
    else expect(await checked).toMatchObject(wanted)
  })

  it('policies that differ in nothing but their algorithm are each told as what they are', async () => {
    const one = { name: 'one', limit: 5, window: '30s' } as const
    const kinds: PolicyOptions[][] = [[one], [{ ...one, algorithm: 'concurrency' }], [one]]
    const limits = open({ policies: () => kinds.shift() ?? [] })

    const told = []
    for (let n = 0; n < 3; n += 1) {
      told.push((await limits.check({}, raw))?.fields['RateLimit-Policy'])
    }

    const slots = '"one";q=5;qu="concurrent-requests"'
    expect(told).toEqual(['"one";q=5;w=30', slots, '"one";q=5;w=30'])
  })
})
