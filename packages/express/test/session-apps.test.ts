import { createServer } from 'node:http'
import { sessionMiddleware } from '@hotpath/express'
import express, { type Express, type RequestHandler } from 'express'
import { describe, expect, it, onTestFinished } from 'vitest'
import { SECRET } from '../../session/test/harness.ts'
import { Browser, closeServer, listen } from '../../session/test/session-suite.ts'

function sessions(cookieName: string): RequestHandler {
  const middleware = sessionMiddleware({ secret: SECRET, cookie: { name: cookieName } })
  onTestFinished(() => middleware.sessions.close())
  return middleware
}

async function open(app: Express): Promise<Browser> {
  const server = createServer(app)
  onTestFinished(() => closeServer(server))
  return new Browser(await listen(server))
}

const NOTHING_FITS = {
  '~standard': {
    version: 1 as const,
    vendor: 'test',
    validate: () => ({ issues: [{ message: 'never' }] }),
  },
}

/** Counts in the session, without waiting for the write. */
const count: RequestHandler = async (req, res) => {
  const n = Number((await req.session.get('n')) ?? 0) + 1
  req.session.set('n', n)
  res.json(n)
}

/** As compression and its kin do it. */
const wrap: RequestHandler = (_req, res, next) => {
  const { end, write } = res
  res.write = function (this: typeof res, ...args: unknown[]) {
    return Reflect.apply(write, this, args)
  } as typeof write
  res.end = function (this: typeof res, ...args: unknown[]) {
    res.setHeader('X-Wrapped', 'yes')
    return Reflect.apply(end, this, args)
  } as typeof end
  next()
}

/** Begins the session before others come to see the response. */
const begin: RequestHandler = async (req, _res, next) => {
  await req.session.get('n')
  next()
}

describe('sessions of Express apps', () => {
  it('that are mounted in others are kept, whichever of them answers', async () => {
    const [outer, within] = [express(), express()]
    within.use(sessions('sid'), begin)
    within.get('/here', count)
    outer.use('/app', within)
    outer.get('/app/outside', count)
    const browser = await open(outer)

    const answers = []
    for (const path of ['/app/here', '/app/outside', '/app/here', '/app/outside']) {
      answers.push((await browser.get(path)).body)
    }

    expect(answers).toEqual([1, 2, 3, 4])
  })

  it('are kept by apps within the one that has them', async () => {
    const [outer, within] = [express(), express()]
    outer.use(sessions('sid'), begin)
    within.get('/', count)
    outer.use('/app', within)
    const browser = await open(outer)

    expect([(await browser.get('/app')).body, (await browser.get('/app')).body]).toEqual([1, 2])
  })

  it('are kept by an app that is served by itself and mounted as well', async () => {
    const [outer, within] = [express(), express()]
    within.use(sessions('sid'), begin)
    within.get('/', count)
    const alone = await open(within)
    expect((await alone.get('/')).body).toBe(1)

    outer.use('/app', within)

    const mounted = await open(outer)
    mounted.cookie = alone.cookie
    expect((await mounted.get('/app')).body).toBe(2)
    expect((await alone.get('/')).body).toBe(3)
  })

  it.each([
    ['before', () => [wrap, sessions('sid'), begin]],
    ['behind', () => [sessions('sid'), begin, wrap]],
  ])('work with what wraps the response %s them', async (_where, chain) => {
    const app = express()
    app.use(chain())
    app.get('/', count)
    const browser = await open(app)

    const [first, second] = [await browser.get('/'), await browser.get('/')]

    expect([first.body, second.body]).toEqual([1, 2])
    expect(second.headers.get('x-wrapped')).toBe('yes')
  })

  it.each(['before', 'behind'])(
    'answer in place of a handler through what wraps the response %s them and takes its time',
    async (where) => {
      const slow: RequestHandler = (_req, res, next) => {
        const { end } = res
        res.end = ((...args: unknown[]) => {
          setImmediate(() => Reflect.apply(end, res, args))
          return res
        }) as typeof end
        next()
      }
      const refusing = sessionMiddleware({ secret: SECRET, schema: NOTHING_FITS })
      onTestFinished(() => refusing.sessions.close())
      const app = express()
      app.use(where === 'before' ? [slow, refusing] : [refusing, slow])
      app.get('/', count)
      const browser = await open(app)

      const { status, text } = await browser.get('/')

      expect([status, text]).toEqual([500, 'Internal Server Error\n'])
    },
  )

  it('of two cookies are two sessions of one response', async () => {
    const app = express()
    app.use(sessions('one'), begin)
    app.use(async (req, _res, next) => {
      const first = req.session
      first.set('n', 'first')
      next()
    })
    app.use(sessions('two'), begin)
    app.get('/', (req, res) => {
      req.session.set('n', 'second')
      res.end()
    })
    const browser = await open(app)

    const { headers } = await browser.get('/')

    const names = headers.getSetCookie().map((field) => field.split('=')[0])
    expect(names.sort()).toEqual(['one', 'two'])
  })

  it('leave responses alone that have none', async () => {
    const app = express()
    app.get('/free', (_req, res) => void res.write('free', () => res.end()))
    app.use(sessions('sid'))
    app.get('/', count)
    const browser = await open(app)
    await browser.get('/')

    const { text, headers } = await browser.get('/free')

    expect([text, headers.get('vary')]).toEqual(['free', null])
  })
})
