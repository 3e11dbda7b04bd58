import type { IncomingMessage, ServerResponse } from 'node:http'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Bench, type Handler, type Reply, type SuiteOptions, send } from '../harness.ts'

const USERS = ['ann', 'bob', 'nobody'] as const
type User = (typeof USERS)[number]

/** How a user's requests say whose they are. */
const IDENTITIES = {
  cookie: (user: User) => ({ Cookie: `theme=dark; session=${user}` }),
  authorization: (user: User) => ({ Authorization: `Bearer ${user}` }),
  apiKey: (user: User) => ({ 'X-Api-Key': user }),
}
type How = keyof typeof IDENTITIES

/** Pages that are one user's own, as honest handlers send them: by each of the ways to say so, or silently. */
const OWN_PAGES: Record<string, (res: ServerResponse) => void> = {
  '/silent': () => {},
  '/private': (res) => res.setHeader('Cache-Control', 'private, max-age=60'),
  '/no-store': (res) => res.setHeader('Cache-Control', 'no-store'),
  '/no-cache': (res) => res.setHeader('Cache-Control', 'no-cache').setHeader('ETag', '"same"'),
  '/vary': (res) =>
    res
      .setHeader('Cache-Control', 'max-age=60')
      .setHeader('Vary', 'Cookie, Authorization, X-Api-Key'),
  '/vary-all': (res) => res.setHeader('Cache-Control', 'max-age=60').setHeader('Vary', '*'),
  '/greets': (res) => res.setHeader('Set-Cookie', 'seen=1'),
  '/moved': (res) => {
    res.statusCode = 301
    res.setHeader('Location', '/silent')
  },
  '/etag': (res) => res.setHeader('ETag', '"same"'),
  '/account/x.css': (res) => res.setHeader('Content-Type', 'text/css'),
}

const PUBLIC_PAGE = '/public'

function whoAsks({ headers }: IncomingMessage): User {
  const said = `${headers.cookie} ${headers.authorization} ${headers['x-api-key']}`
  return USERS.find((user) => said.includes(user)) ?? 'nobody'
}

const site: Handler = (req, res) => {
  const path = req.url ?? '/'
  if (path === PUBLIC_PAGE) {
    res.setHeader('Cache-Control', 'public, max-age=60').write('for ')
    setImmediate(() => res.end('all'))
  } else {
    OWN_PAGES[path]?.(res)
    // In two pieces, so that others come while it is under way.
    res.write('for ')
    setImmediate(() => res.end(whoAsks(req)))
  }
}

/** One request of one user. */
interface Turn {
  readonly user: User
  readonly how: How
  readonly path: string
  readonly method: string
  readonly extra: Record<string, string>
}

const turns: fc.Arbitrary<Turn> = fc.record({
  user: fc.constantFrom(...USERS),
  how: fc.constantFrom<How[]>('cookie', 'authorization', 'apiKey'),
  path: fc.constantFrom(PUBLIC_PAGE, ...Object.keys(OWN_PAGES)),
  method: fc.constantFrom('GET', 'GET', 'GET', 'HEAD', 'POST'),
  extra: fc.constantFrom<Record<string, string>[]>(
    {},
    { Range: 'bytes=0-5' },
    { 'If-None-Match': '"other"' },
    { 'Cache-Control': 'max-stale=60' },
    { 'Accept-Encoding': 'gzip' },
  ),
})

function ask(port: number, { user, how, path, method, extra }: Turn): Promise<Reply> {
  const identity = user === 'nobody' ? {} : IDENTITIES[how](user)
  return send(port, path, { method, headers: { ...extra, ...identity } })
}

/** What a reply to a turn may be made of: the beginning of it, where a part was asked for. */
function isTheirs({ user, path, method }: Turn, reply: Reply): boolean {
  if (method === 'HEAD' || reply.status === 304) return reply.text === ''
  const whole = path === PUBLIC_PAGE ? 'for all' : `for ${user}`
  return reply.status === 206 ? whole.startsWith(reply.text) : reply.text === whole
}

/** One user's bytes never reach another, whatever both ask for, in whatever order. */
export function adversaryUsers(bench: Bench): void {
  describe('trap 17: users of one site', () => {
    const options: [string, SuiteOptions][] = [
      ['ttl', { ttl: '30s' }],
      ['everything that may be switched on', { ttl: '30s', ...EVERYTHING }],
    ]

    it.each(options)(
      'see what is theirs, whatever is asked in whatever order: %s',
      async (...given) => {
        const { port } = await bench.serve(site, given[1])
        const rounds = fc.array(fc.array(turns, { minLength: 1, maxLength: 6 }), { maxLength: 8 })

        await fc.assert(
          fc.asyncProperty(rounds, async (asked) => {
            for (const round of asked) {
              const replies = await Promise.all(round.map((turn) => ask(port, turn)))
              const wrong = round.filter((turn, index) => !isTheirs(turn, replies[index] as Reply))

              expect(wrong).toEqual([])
            }
          }),
          { numRuns: 25, seed: 4 },
        )
      },
    )

    it('keep their own cookies: what is set for one is never sent to another', async () => {
      const { port } = await bench.serve(
        (req, res) => {
          res.setHeader('Cache-Control', 'public, max-age=60')
          res.setHeader('Set-Cookie', `session=${req.headers['x-user']}`)
          res.end('page')
        },
        { ttl: '30s', setCookie: 'strip' },
      )

      await send(port, '/page', { headers: { 'X-User': 'ann' } })
      const bob = await send(port, '/page', { headers: { 'X-User': 'bob' } })

      expect(JSON.stringify(bob.rawHeaders)).not.toContain('ann')
    })
  })
}

const EVERYTHING: SuiteOptions = {
  staleWhileRevalidate: '1m',
  staleIfError: '1m',
  heuristic: 0.1,
  statuses: [200, 301, 404],
  setCookie: 'strip',
  honorRequestCacheControl: true,
  etag: 'strong',
  query: { sort: true },
}
