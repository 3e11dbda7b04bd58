import { deferred } from '@hotpath/testing'
import { describe, expect, it } from 'vitest'
import { type PurgeOrder, parseBody, readFields } from '../../src/purging/purge-order.ts'
import { MOST_AT_ONCE, PurgeQueue } from '../../src/purging/purge-queue.ts'

describe('parseBody()', () => {
  it.each<[unknown, object]>([
    [{ url: '/a' }, { target: { url: '/a' }, soft: false }],
    [
      { tag: ['a', 'b'], soft: true },
      { target: { tag: ['a', 'b'] }, soft: true },
    ],
    [{ prefix: '/a/' }, { target: { prefix: '/a/' }, soft: false }],
  ])('%j', (body, order) => {
    expect(parseBody(body)).toEqual(order)
  })

  it.each([
    null,
    [],
    {},
    '/a',
    { url: '' },
    { url: [] },
    { url: 7 },
    { url: '/a', tag: 'b' },
    { url: '/a', soft: 'true' },
    { all: true },
    { url: Array.from({ length: 257 }, () => '/a') },
    { url: 'a'.repeat(8_001) },
  ])('refuses what is none', (body) => {
    expect(() => parseBody(body)).toThrow(expect.objectContaining({ status: 400 }))
  })
})

describe('readFields()', () => {
  it.each([
    [{}, { target: { url: '/own' }, soft: false }],
    [{ 'soft-purge': '1' }, { target: { url: '/own' }, soft: true }],
    [{ 'soft-purge': 'yes' }, { target: { url: '/own' }, soft: false }],
    [{ 'cache-tag': 'a, b' }, { target: { tag: ['a', 'b'] }, soft: false }],
    [{ 'surrogate-key': ['a b', 'c'] }, { target: { tag: ['a', 'b', 'c'] }, soft: false }],
  ])('of %j', (headers, order) => {
    expect(readFields(headers, '/own')).toEqual(order)
  })

  it('refuses more tags than a body may have', () => {
    const headers = { 'surrogate-key': Array.from({ length: 257 }, (_, index) => index).join(' ') }

    expect(() => readFields(headers, '/own')).toThrow(expect.objectContaining({ status: 400 }))
  })
})

describe('PurgeQueue', () => {
  const orderOf = (url: string): PurgeOrder => ({ target: { url }, soft: false })
  const done = { applied: 'local' } as const

  /** A queue whose purges end when they are told to. */
  function hold(): { queue: PurgeQueue; urls: string[]; open: () => void } {
    const gate = deferred()
    const urls: string[] = []
    const queue = new PurgeQueue(async ({ target }) => {
      urls.push(JSON.stringify(target))
      await gate.promise
      return done
    })
    return { queue, urls, open: gate.resolve }
  }

  it('runs two of any number of equal orders: the first, and one for all that came meanwhile', async () => {
    const { queue, urls, open } = hold()

    const answers = Array.from({ length: 50 }, () => queue.run(orderOf('/a')))
    open()

    expect(await Promise.all(answers)).toEqual(answers.map(() => done))
    expect(urls).toHaveLength(2)
  })

  it('refuses what comes on top of too many others, and takes orders again afterwards', async () => {
    const { queue, urls, open } = hold()
    const running = Array.from({ length: MOST_AT_ONCE }, (_, index) =>
      queue.run(orderOf(`/${index}`)),
    )

    await expect(queue.run(orderOf('/more'))).rejects.toMatchObject({ status: 429 })
    open()
    await Promise.all(running)

    expect(await queue.run(orderOf('/more'))).toEqual(done)
    expect(urls).toHaveLength(MOST_AT_ONCE + 1)
  })

  it('an order that fails does not fail the equal one that waits for it', async () => {
    let runs = 0
    const queue = new PurgeQueue(async () => {
      runs += 1
      if (runs === 1) throw new Error('first')
      return done
    })

    const [first, next] = await Promise.allSettled([
      queue.run(orderOf('/a')),
      queue.run(orderOf('/a')),
    ])

    expect(first).toMatchObject({ status: 'rejected', reason: { message: 'first' } })
    expect(next).toEqual({ status: 'fulfilled', value: done })
  })
})
