import { describe, expect, it } from 'vitest'
import { type Bench, type Handler, SERVED, type SuiteOptions, send } from '../harness.ts'

/** What frameworks, and handlers that build links or choose a tenant, read beside the URL. */
const READ_FIELDS = [
  'Host',
  'Forwarded',
  'X-Forwarded-Host',
  'X-Forwarded-Proto',
  'X-Forwarded-Port',
  'X-Forwarded-Prefix',
  'X-Forwarded-Scheme',
  'X-Forwarded-Server',
  'X-Forwarded-Ssl',
  'X-Forwarded-Path',
  'X-Forwarded-Uri',
  'X-Host',
  'X-Original-Host',
  'X-HTTP-Host-Override',
  'X-Url-Scheme',
  'Front-End-Https',
  'X-Original-URL',
  'X-Rewrite-URL',
  'X-HTTP-Method-Override',
  'X-HTTP-Method',
  'X-Method-Override',
]

const EVIL = 'evil.example'

/** Says all that there is to be read, and what came as a body. */
const reflect: Handler = async (req, res) => {
  let body = ''
  for await (const chunk of req) body += String(chunk)
  const read = READ_FIELDS.map((name) => req.headers[name.toLowerCase()])
  res.end(JSON.stringify([req.url, ...read, body]))
}

/** The value by which a field might have its way. */
function evilValue(name: string): string {
  return name === 'Forwarded' ? `for=10.0.0.1;host="${EVIL}";proto=http` : EVIL
}

/** Nothing that an attacker sends is found in what others get. */
export function adversaryPoisons(bench: Bench): void {
  describe('trap 18: poisoning', () => {
    it.each(READ_FIELDS)('%s: others get what is made for them', async (name) => {
      const { port } = await bench.serve(reflect, { ttl: '30s' })
      const headers = { [name]: evilValue(name) }

      const attacks = [
        await send(port, '/page', { headers }),
        await send(port, '/page', { headers }),
      ]
      const victim = await send(port, '/page')

      expect(attacks.every(({ text }) => text.includes(EVIL))).toBe(true)
      expect(victim.text).not.toContain(EVIL)
      expect((await send(port, '/page')).cache).toMatch(SERVED)
    })

    it('all of them at once, each twice: others get what is made for them', async () => {
      const { port } = await bench.serve(reflect, { ttl: '30s' })
      const others = READ_FIELDS.filter((name) => name !== 'Host')
      const headers = Object.fromEntries(others.map((name) => [name, [evilValue(name), 'x']]))
      await send(port, '/page', { headers })

      expect((await send(port, '/page')).text).not.toContain(EVIL)
    })

    it('a proxy that says for whom it asks does not keep clients from sharing', async () => {
      const { port } = await bench.serve(reflect, { ttl: '30s' })
      const from = (address: string) => ({
        Forwarded: `for=${address};host=shop.example;proto=https`,
        'X-Forwarded-For': address,
      })
      await send(port, '/page', { headers: from('10.0.0.1') })

      const other = await send(port, '/page', { headers: from('10.0.0.2') })

      expect(other.cache).toMatch(SERVED)
    })

    const ignoring: SuiteOptions = { ttl: '30s', query: { ignore: ['utm'] } }
    const sorting: SuiteOptions = { ttl: '30s', query: { sort: true, ignore: ['utm'] } }
    it.each<[string, string, SuiteOptions]>([
      ['a duplicate', '/page?id=1&id=evil', {}],
      ['a duplicate, sorted', '/page?id=evil&id=1', sorting],
      ['an array', '/page?id[]=1&id[]=evil', sorting],
      ['a cloaked one', '/page?id=1&utm=x;id=evil', ignoring],
      ['one cloaked in an escape', '/page?id=1&utm=x%26id=evil', ignoring],
      ['one with an escaped name', '/page?id=1&%69d=evil', sorting],
      ['one ignored by another name', '/page?id=1&utm[id]=evil&utm%5Bid%5D=evil', ignoring],
      ['one after an escaped question mark', '/page%3Fid=1?id=evil', sorting],
      ['one behind a second question mark', '/page?id=1?id=evil', sorting],
      ['a prototype', '/page?__proto__[evil]=1&id=1', ignoring],
    ])('a parameter: %s', async (_name, path, options) => {
      const { port } = await bench.serve(reflect, { ttl: '30s', ...options })
      await send(port, path)

      const victim = await send(port, '/page?id=1')

      expect(JSON.parse(victim.text)[0]).toBe('/page?id=1')
    })

    it.each([
      '/%70age',
      '/page/',
      '/page/.',
      '/x/../page',
      '/x/%2e%2e/page',
      '//page',
      '/page%00',
      '/page%0d%0aX:evil',
      '/page;evil',
      '/PAGE',
      '/page%23evil',
      '\\page',
    ])('a path: %s is not /page', async (path) => {
      const { port } = await bench.serve(reflect, { ttl: '30s' })
      await send(port, path)

      const victim = await send(port, '/page')

      expect(JSON.parse(victim.text)[0]).toBe('/page')
    })

    it.each([{ 'Content-Length': '4' }, { 'Transfer-Encoding': 'chunked' }])(
      'a GET with a body is neither kept nor answered from what is: %o',
      async (headers) => {
        const { port } = await bench.serve(reflect, { ttl: '30s' })
        const fat = { method: 'GET', headers, body: 'evil' }

        const before = await send(port, '/page', fat)
        const victim = await send(port, '/page')
        const after = await send(port, '/page', fat)

        expect([before.text, after.text].every((text) => text.includes('evil'))).toBe(true)
        expect(victim.text).not.toContain('evil')
      },
    )

    it('an error that an attacker brings about is not what others get', async () => {
      const { port } = await bench.serve(
        (req, res) => {
          const isBad = JSON.stringify(req.headers).includes('evil')
          res.statusCode = isBad ? 400 : 200
          res.end(isBad ? 'bad request' : 'page')
        },
        { ttl: '30s' },
      )
      for (const name of ['X-Metachar', 'Accept', 'Range', 'If-Range', 'User-Agent', 'Origin']) {
        await send(port, '/page', { headers: { [name]: 'evil' } })
      }

      expect((await send(port, '/page')).text).toBe('page')
    })

    it('a redirect to where the attacker says is not where others are sent', async () => {
      const { port } = await bench.serve(
        (req, res) => {
          const host = req.headers['x-forwarded-host'] ?? req.headers.host
          res.writeHead(301, { Location: `https://${host}/new` }).end()
        },
        { ttl: '30s' },
      )
      await send(port, '/old', { headers: { 'X-Forwarded-Host': EVIL } })

      const victim = await send(port, '/old')

      expect(victim.headers.location).not.toContain(EVIL)
    })
  })
}
