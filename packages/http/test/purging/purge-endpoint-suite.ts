import type { PurgeEndpointOptions, ResponseCache } from '@hotpath/http'
import { deferred, waitUntil } from '@hotpath/testing'
import { afterEach, describe, expect, it } from 'vitest'
import { counting, type Handler, type Reply, SERVED, type SuiteRequest, send } from '../harness.ts'

type Options = Omit<PurgeEndpointOptions<SuiteRequest>, 'responseCache'>

/** A framework's purge endpoint before a cache in front of a handler. */
export interface PurgeDriver {
  readonly name: string
  start(
    handler: Handler,
    options: Options,
    wrap?: (purge: ResponseCache['purge']) => ResponseCache['purge'],
  ): Promise<{ port: number; close(): Promise<void> }>
}

const KEY = { Authorization: 'Bearer key' }
const JSON_TYPE = { ...KEY, 'Content-Type': 'application/json' }

const authorize = ({ headers }: SuiteRequest): boolean => headers.authorization === 'Bearer key'

function post(port: number, body: unknown, path = '/purge'): Promise<Reply> {
  return send(port, path, { method: 'POST', headers: JSON_TYPE, body: JSON.stringify(body) })
}

/** What every purge endpoint does. */
export function purgeEndpointSuite(driver: PurgeDriver): void {
  describe(`${driver.name}`, () => {
    const closers: (() => Promise<void>)[] = []
    afterEach(async () => {
      await Promise.all(closers.splice(0).map((close) => close()))
    })
    const serve = async (...args: Parameters<PurgeDriver['start']>): Promise<number> => {
      const { port, close } = await driver.start(...args)
      closers.push(close)
      return port
    }
    const tagged = () => counting({ 'Cache-Control': 'max-age=600', 'Cache-Tag': 'city:7' })

    it.each([
      ['a URL', { url: '/page' }],
      ['URLs', { url: ['/other', '/page'] }],
      ['a tag', { tag: 'city:7' }],
      ['a prefix', { prefix: '/' }],
    ])('purges by %s', async (_name, order) => {
      const port = await serve(tagged(), { authorize })
      await send(port, '/page')
      await send(port, '/page')

      const reply = await post(port, order)

      expect([reply.status, reply.text]).toEqual([200, '{"applied":"local"}'])
      expect((await send(port, '/page')).cache).not.toMatch(SERVED)
    })

    it('purges the URL of a PURGE, or its tags', async () => {
      const port = await serve(tagged(), { authorize })
      await send(port, '/page')
      const byUrl = await send(port, '/page', { method: 'PURGE', headers: KEY })
      const afterUrl = await send(port, '/page')
      const headers = { ...KEY, 'Surrogate-Key': 'city:7' }
      const byTag = await send(port, '/anything', { method: 'PURGE', headers })
      const afterTag = await send(port, '/page')

      expect([byUrl.status, byTag.status]).toEqual([200, 200])
      expect([afterUrl.cache, afterTag.cache].some((cache) => SERVED.test(cache))).toBe(false)
    })

    it('softly: what stale serving allows goes on being served', async () => {
      const control = { 'Cache-Control': 'max-age=600, stale-while-revalidate=600' }
      const port = await serve(counting(control), { authorize })
      await send(port, '/page')

      const reply = await post(port, { url: '/page', soft: true })
      const stale = await send(port, '/page')

      expect(reply.status).toBe(200)
      expect([stale.text, stale.cache]).toEqual([
        'run 1',
        expect.stringMatching(/detail=stale-while-revalidate$/),
      ])
      const isNew = async (): Promise<boolean> => (await send(port, '/page')).text === 'run 2'
      await waitUntil(isNew, 'the new one is served')
    })

    it.each([
      ['no key', {}],
      ['another key', { Authorization: 'Bearer other' }],
    ])('refuses who comes with %s', async (_name, headers) => {
      const port = await serve(tagged(), { authorize })
      await send(port, '/page')

      const reply = await send(port, '/page', { method: 'PURGE', headers })

      expect(reply.status).toBe(403)
      expect(reply.headers['content-type']).toBe('application/problem+json')
      expect((await send(port, '/page')).cache).toMatch(SERVED)
    })

    it('asks authorize() for an answer, not for something that may be taken for one', async () => {
      const port = await serve(tagged(), { authorize: (() => 'no') as never })

      expect((await post(port, { url: '/page' })).status).toBe(403)
    })

    it('waits for authorize(), and hands on what it throws', async () => {
      const port = await serve(tagged(), {
        authorize: async (request) => {
          if (request.headers['x-broken'] !== undefined) throw new Error('The keys are away')
          return authorize(request)
        },
      })

      const allowed = await post(port, { url: '/page' })
      const headers = { ...KEY, 'X-Broken': '1' }
      const broken = await send(port, '/page', { method: 'PURGE', headers })

      expect([allowed.status, broken.status]).toEqual([200, 500])
    })

    it.each([
      ['no target', {}],
      ['two targets', { url: '/a', tag: 'b' }],
      ['an unknown word', { url: '/a', hard: true }],
      ['an empty list', { tag: [] }],
      ['a long list', { tag: Array.from({ length: 257 }, String) }],
      ['a softly purged everything', { prefix: '/', soft: true }],
      ['a list', []],
      ['nothing', null],
    ])('answers 400 to %s', async (_name, order) => {
      const port = await serve(tagged(), { authorize })

      const reply = await post(port, order)

      expect(reply.status).toBe(400)
      expect(JSON.parse(reply.text)).toMatchObject({ status: 400, title: 'Bad Request' })
    })

    it('answers 400 to what is no JSON, 415 to what a form of another site can send', async () => {
      const port = await serve(tagged(), { authorize })
      const headers = { ...KEY, 'Content-Type': 'text/plain' }

      const broken = await send(port, '/purge', { method: 'POST', headers: JSON_TYPE, body: '{' })
      const form = await send(port, '/purge', { method: 'POST', headers, body: '{"url":"/"}' })

      expect([broken.status, form.status]).toEqual([400, 415])
    })

    it('reads no more than 64 KiB', async () => {
      const port = await serve(tagged(), { authorize })

      expect((await post(port, { url: 'x'.repeat(70_000) })).status).toBe(413)
    })

    it('a flood of purges is asked to come again', async () => {
      const go = deferred()
      let entered = 0
      const port = await serve(tagged(), { authorize }, (purge) => async (...order) => {
        entered += 1
        await go.promise
        return purge(...order)
      })

      const flood = Array.from({ length: 16 }, (_, index) => post(port, { url: `/${index}` }))
      await waitUntil(() => entered === 16, 'they are all under way')
      const refused = await post(port, { url: '/page' })
      go.resolve()
      const answers = await Promise.all(flood)

      expect([refused.status, refused.headers['retry-after']]).toEqual([429, '1'])
      expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 16 }, () => 200))
      expect((await post(port, { url: '/page' })).status).toBe(200)
    })

    it('equal purges share one that begins after they have come', async () => {
      const gates = [deferred(), deferred()]
      let entered = 0
      const port = await serve(tagged(), { authorize }, (purge) => async (...order) => {
        const gate = gates[entered]
        entered += 1
        await gate?.promise
        return purge(...order)
      })
      const ask = () => send(port, '/page', { method: 'PURGE', headers: KEY })
      const first = ask()
      await waitUntil(() => entered === 1, 'the first is under way')
      const asking = Array.from({ length: 30 }, ask)
      await Promise.all(Array.from({ length: 30 }, () => send(port, '/other')))

      gates[0]?.resolve()
      await first
      await waitUntil(() => entered === 2, 'the next is under way')
      gates[1]?.resolve()
      const answers = await Promise.all(asking)

      expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 30 }, () => 200))
      expect(entered).toBeLessThan(5)
    })

    it('lets every other request go on', async () => {
      const handler = tagged()
      const port = await serve(handler, { authorize, path: '/admin/purge' })

      const replies = [await send(port, '/admin/purge'), await post(port, {}, '/purge')]

      expect(replies.map(({ text }) => text)).toEqual(['run 1', 'run 2'])
      expect((await post(port, { url: '/' }, '/admin/purge?from=cms')).status).toBe(200)
    })
  })
}
