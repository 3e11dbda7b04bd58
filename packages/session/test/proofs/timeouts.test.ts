import { createServer } from 'node:http'
import { createSessionManager, type SessionOptions } from '@hotpath/session'
import { FakeClock } from '@hotpath/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { SECRET } from '../harness.ts'
import { Browser, closeServer, listen } from '../session-suite.ts'

const MINUTE = 60_000

/** A session in memory, whose time is the test's. */
async function begin(
  options: Partial<SessionOptions>,
): Promise<{ browser: Browser; clock: FakeClock; isThere(): Promise<boolean> }> {
  const clock = new FakeClock()
  const sessions = createSessionManager({ secret: SECRET, clock, ...options })
  const server = createServer(async (req, res) => {
    const session = sessions.attach(req, res)
    if (req.url === '/begin') session.set('n', 1)
    if (req.url === '/touch') await session.touch()
    if (req.url === '/read-and-touch') {
      await session.get('n')
      await session.touch()
    }
    res.end(JSON.stringify((await session.get('n')) ?? null))
  })
  onTestFinished(async () => {
    await closeServer(server)
    await sessions.close()
  })
  const browser = new Browser(await listen(server))
  await browser.get('/begin')
  const isThere = async (): Promise<boolean> => (await browser.get('/')).body === 1
  return { browser, clock, isThere }
}

describe('a session', () => {
  it('lasts for idleTimeout after it was last used', async () => {
    const { clock, isThere } = await begin({ idleTimeout: '10m', touchInterval: 0 })

    for (let use = 0; use < 3; use += 1) {
      clock.advance(10 * MINUTE - 1)
      expect(await isThere()).toBe(true)
    }
    clock.advance(10 * MINUTE)

    expect(await isThere()).toBe(false)
  })

  it('lasts for absoluteTimeout however much it is used; for as long as it is used if that is false', async () => {
    const bounded = await begin({ idleTimeout: '10m', absoluteTimeout: '1h' })
    const unbounded = await begin({ idleTimeout: '10m', absoluteTimeout: false })
    const use = async ({ clock, isThere }: typeof bounded): Promise<boolean> => {
      let isStillThere = true
      for (let minute = 0; minute < 60; minute += 5) {
        isStillThere = await isThere()
        clock.advance(5 * MINUTE)
      }
      return isStillThere && (await isThere())
    }

    expect([await use(bounded), await use(unbounded)]).toEqual([false, true])
  })

  it('that is only read is noted as used every touchInterval', async () => {
    const { clock, isThere } = await begin({ idleTimeout: '10m', touchInterval: '5m' })
    clock.advance(5 * MINUTE - 1)
    expect(await isThere()).toBe(true)

    clock.advance(5 * MINUTE + 1)

    expect(await isThere()).toBe(false)
  })

  it.each(['/touch', '/read-and-touch'])(
    'begins its idle time anew by touch(), whatever touchInterval says (%s)',
    async (path) => {
      const { browser, clock, isThere } = await begin({ idleTimeout: '10m', touchInterval: '5m' })
      clock.advance(5 * MINUTE - 1)
      await browser.get(path)

      clock.advance(5 * MINUTE + 1)

      expect(await isThere()).toBe(true)
    },
  )
})
