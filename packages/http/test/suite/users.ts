import type { IncomingHttpHeaders } from 'node:http'
import { describe, expect, it } from 'vitest'
import { type Bench, counting, type Handler, SERVED, type SuiteOptions, send } from '../harness.ts'

/** What a client sends to say who it is. */
const identities: [string, (user: string) => Record<string, string>][] = [
  ['a cookie', (user) => ({ Cookie: `session=${user}` })],
  ['Authorization', (user) => ({ Authorization: `Bearer ${user}` })],
  ['an API key', (user) => ({ 'X-Api-Key': user })],
]

const greet: Handler = (req, res) => {
  res.end(`hello ${whoIs(req.headers)}`)
}

function whoIs({ cookie, authorization, ...headers }: IncomingHttpHeaders): string {
  return cookie ?? authorization ?? String(headers['x-api-key'] ?? 'nobody')
}

/** One user's response never reaches another. */
export function userSuite(bench: Bench): void {
  describe('trap 17: users who share a URL', () => {
    const options: [string, SuiteOptions][] = [
      ['ttl', { ttl: '30s' }],
      ['ttl, with cookies stripped', { ttl: '30s', setCookie: 'strip' }],
      ['ttl, and every status', { ttl: '30s', statuses: [200, 401, 404] }],
    ]
    const cases = identities.flatMap(([how, identify]) =>
      options.map(([what, given]) => ({ how, identify, what, given })),
    )

    it.each(cases)('never see each other by $how: $what', async ({ identify, given }) => {
      const { port } = await bench.serve(greet, given)
      const asked = ['ann', 'bob', undefined, 'ann', undefined, 'bob']

      for (const user of asked) {
        const headers = user === undefined ? {} : identify(user)
        const { text } = await send(port, '/me', { headers })

        expect(text).toBe(`hello ${user === undefined ? 'nobody' : Object.values(headers)[0]}`)
      }
    })

    it.each(cases)('never see each other at the same moment by $how: $what', async (given) => {
      const { port } = await bench.serve(greet, given.given)
      const users = Array.from({ length: 30 }, (_, index) => `user${index % 10}`)

      const replies = await Promise.all(
        users.map((user) => send(port, '/me', { headers: given.identify(user) })),
      )

      expect(replies.map(({ text }) => text)).toEqual(
        users.map((user) => `hello ${Object.values(given.identify(user))[0]}`),
      )
    })

    it('what a user may see is not shared because it has a lifetime, if it came by Authorization', async () => {
      const handler: Handler = (req, res) => {
        res.setHeader('Cache-Control', 'max-age=60')
        greet(req, res)
      }
      const { port } = await bench.serve(handler)

      const ann = await send(port, '/me', { headers: { Authorization: 'Bearer ann' } })
      const bob = await send(port, '/me', { headers: { Authorization: 'Bearer bob' } })

      expect(ann.cache).toBe('hotpath; fwd=uri-miss; detail=credentials')
      expect(bob.text).toBe('hello Bearer bob')
    })

    it.each(['public, max-age=60', 's-maxage=60', 'must-revalidate, max-age=60'])(
      '%s is shared with everybody (RFC 9111 section 3.5)',
      async (cacheControl) => {
        const handler = counting({ 'Cache-Control': cacheControl })
        const { port } = await bench.serve(handler)

        await send(port, '/page', { headers: { Authorization: 'Bearer ann' } })
        const replies = [
          await send(port, '/page', { headers: { Authorization: 'Bearer bob' } }),
          await send(port, '/page', { headers: { Cookie: 'session=bob' } }),
          await send(port, '/page'),
        ]

        expect(replies.map(({ text }) => text)).toEqual(['run 1', 'run 1', 'run 1'])
      },
    )

    it('a lifetime of its own is enough for requests with cookies', async () => {
      const handler = counting({ 'Cache-Control': 'max-age=60' })
      const { port } = await bench.serve(handler)

      await send(port, '/logo', { headers: { Cookie: 'session=ann' } })
      const bob = await send(port, '/logo', { headers: { Cookie: 'session=bob' } })

      expect(bob.text).toBe('run 1')
    })

    it('by ttl alone a request with cookies is not served what is kept for those without', async () => {
      const { port } = await bench.serve(greet, { ttl: '30s' })
      await send(port, '/me')

      const ann = await send(port, '/me', { headers: { Cookie: 'session=ann' } })
      const nobody = await send(port, '/me')

      expect(ann.cache).toBe('hotpath; fwd=bypass; detail=credentials')
      expect(ann.text).toBe('hello session=ann')
      expect(nobody.cache).toMatch(SERVED)
    })

    it('requests with cookies do not keep those without from being cached', async () => {
      const { port } = await bench.serve(greet, { ttl: '30s' })

      await send(port, '/me', { headers: { Cookie: 'session=ann' } })
      const first = await send(port, '/me')
      const second = await send(port, '/me')

      expect(first.cache).toMatch(/stored/)
      expect(second.cache).toMatch(SERVED)
    })

    it('a cookie that is set for a client further out keeps the response from others', async () => {
      const { port } = await bench.serve(
        (req, res) => {
          // As session middlewares do it: at the last moment, when the head is written.
          const writeHead = res.writeHead
          res.writeHead = ((...args: Parameters<typeof writeHead>) => {
            res.setHeader('Set-Cookie', 'session=new')
            return writeHead.apply(res, args)
          }) as typeof writeHead
          greet(req, res)
        },
        { ttl: '30s' },
      )

      await send(port, '/me')
      const second = await send(port, '/me')

      expect(second.cache).not.toMatch(SERVED)
    })
  })

  describe('partitions', () => {
    const scope: SuiteOptions['scope'] = ({ headers }) => headers['x-user']?.toString()
    const handler = (): Handler & { calls: number } => counting()

    it('scope gives each user a partition of their own', async () => {
      const { port } = await bench.serve(greet, { ttl: '30s', scope })
      const ask = (user: string) =>
        send(port, '/me', { headers: { 'X-User': user, Cookie: `session=${user}` } })

      const first = [await ask('ann'), await ask('bob')]
      const second = [await ask('ann'), await ask('bob')]

      expect(first.map(({ text }) => text)).toEqual(['hello session=ann', 'hello session=bob'])
      expect(second.map(({ text }) => text)).toEqual(['hello session=ann', 'hello session=bob'])
      expect(second.every(({ cache }) => SERVED.test(cache))).toBe(true)
    })

    it('a response from a partition is sent on as private, the first time and from the cache', async () => {
      const fields = { 'Cache-Control': 'public, max-age=60, s-maxage=90' }
      const { port } = await bench.serve(counting(fields), { scope })
      const headers = { 'X-User': 'ann' }

      const first = await send(port, '/me', { headers })
      const second = await send(port, '/me', { headers })

      expect(first.headers['cache-control']).toBe('private, max-age=60')
      expect(second.headers['cache-control']).toBe('private, max-age=60')
      expect(second.cache).toMatch(SERVED)
    })

    it('in a partition, private is kept', async () => {
      const fields = { 'Cache-Control': 'private, max-age=60' }
      const { port } = await bench.serve(counting(fields), { scope })
      const headers = { 'X-User': 'ann', Authorization: 'Bearer ann' }

      await send(port, '/me', { headers })
      const second = await send(port, '/me', { headers })

      expect(second.text).toBe('run 1')
    })

    it('without a scope, the rules of a shared cache apply', async () => {
      const { port } = await bench.serve(greet, { ttl: '30s', scope })

      await send(port, '/me', { headers: { Cookie: 'session=ann' } })
      const bob = await send(port, '/me', { headers: { Cookie: 'session=bob' } })

      expect(bob.text).toBe('hello session=bob')
    })

    it('a scope cannot be spelled so that it is part of another key', async () => {
      const { port } = await bench.serve(greet, { ttl: '30s', scope: () => 'a\nvb' })

      await send(port, '/me')
      const second = await send(port, '/me')

      expect(second.cache).toMatch(SERVED)
    })

    it('keyCookies tells responses apart by those cookies, and by no others', async () => {
      const { port } = await bench.serve(handler(), { ttl: '30s', keyCookies: ['lang'] })
      const ask = (cookie: string) => send(port, '/page', { headers: { Cookie: cookie } })

      const texts = [
        (await ask('lang=de; id=1')).text,
        (await ask('lang=fr; id=1')).text,
        (await ask('id=2; lang=de')).text,
        (await ask('lang=de; lang=fr')).text,
      ]

      expect(texts).toEqual(['run 1', 'run 2', 'run 1', 'run 3'])
    })

    it('keyHeaders tells responses apart by those fields', async () => {
      const options: SuiteOptions = { ttl: '30s', keyHeaders: ['Authorization'] }
      const { port } = await bench.serve(greet, options)
      const ask = (user: string) => send(port, '/me', { headers: { Authorization: user } })

      const replies = [await ask('ann'), await ask('bob'), await ask('ann')]

      expect(replies.map(({ text }) => text)).toEqual(['hello ann', 'hello bob', 'hello ann'])
      expect(replies[2]?.cache).toMatch(SERVED)
    })

    it('bypassCookies keeps the cache out of requests that have them, and of no others', async () => {
      const options: SuiteOptions = { ttl: '30s', bypassCookies: ['session', /^wp-/] }
      const { port } = await bench.serve(handler(), options)
      const ask = (cookie: string) => send(port, '/page', { headers: { Cookie: cookie } })

      await ask('_ga=1')
      const replies = [await ask('_ga=2'), await ask('session=1; _ga=1'), await ask('wp-user=1')]

      expect(replies[0]?.cache).toMatch(SERVED)
      expect(replies[1]?.cache).toBe('hotpath; fwd=bypass; detail=cookie')
      expect(replies[2]?.cache).toBe('hotpath; fwd=bypass; detail=cookie')
    })
  })
}
