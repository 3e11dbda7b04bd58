import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import { fileURLToPath } from 'node:url'
import { createSessionManager, type Session, type SessionManager } from '@hotpath/session'
import { waitUntil } from '@hotpath/testing'
import { Redis } from 'ioredis'
import { describe, expect, it, onTestFinished } from 'vitest'
import { newNamespace, PATIENT, SECRET, useRedis } from '../harness.ts'
import { Browser, closeServer, listen } from '../session-suite.ts'
import type { AppReport, AppSettings } from './killed-app.ts'

const APP = fileURLToPath(new URL('./killed-app.ts', import.meta.url))
const FROM_SOURCE = ['--import=tsx', '--conditions=@hotpath/source', '--no-warnings']
const LONG = 60_000

const redis = useRedis()

/** Another process with the same sessions. */
class App {
  readonly reports: AppReport[] = []
  readonly #child: ChildProcess

  constructor(settings: AppSettings) {
    this.#child = fork(APP, [JSON.stringify(settings)], { execArgv: FROM_SOURCE })
    this.#child.on('message', (report: AppReport) => this.reports.push(report))
    onTestFinished(() => this.kill())
  }

  /** Asks for a path and never hears of it again. */
  async ask(path: string, cookie: string | undefined): Promise<void> {
    const isListening = () => this.reports.find(({ say }) => say === 'listening') !== undefined
    await waitUntil(isListening, 'the process listens')
    const [first] = this.reports
    const port = first?.say === 'listening' ? first.port : 0
    const headers: Record<string, string> = cookie === undefined ? {} : { cookie }
    fetch(`http://127.0.0.1:${port}${path}`, { headers }).catch(() => {})
  }

  /** SIGKILL. */
  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const ended = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await ended
  }
}

interface Begun {
  readonly sessions: SessionManager
  readonly cookie: string
  readonly app: App
  reopen(cookie?: string): Promise<Session | undefined>
}

/** A session that was begun in this process, and another process that has it as well. */
async function begin(): Promise<Begun> {
  const settings = { redis: redis.server.url, namespace: newNamespace(), secret: SECRET }
  const sessions = createSessionManager({ ...settings, ioTimeout: PATIENT })
  const server = createServer(async (req, res) => {
    const session = sessions.attach(req, res)
    session.set('left', 1)
    session.set('right', { round: 1 })
    session.set('kept', 'as it was')
    await session.save()
    res.end()
  })
  const browser = new Browser(await listen(server))
  onTestFinished(async () => {
    await closeServer(server)
    await sessions.close()
  })
  await browser.get('/')
  const cookie = browser.cookie ?? ''
  const reopen = (other = cookie) =>
    sessions.fromUpgrade({ headers: { cookie: other } } as IncomingMessage)
  return { sessions, cookie, reopen, app: new App(settings) }
}

describe('a process killed by SIGKILL', () => {
  it(
    'between commit and response leaves all of what was written, and the session whole',
    async () => {
      const { app, cookie, reopen } = await begin()
      await app.ask('/', cookie)
      await waitUntil(() => app.reports.some(({ say }) => say === 'committed'), 'it has committed')

      await app.kill()

      const left = await reopen()
      expect(await left?.all()).toEqual({ left: 2, right: { round: 2 }, kept: 'as it was' })
      await left?.update('left', (n) => Number(n) + 1)
      expect(await (await reopen())?.get('left')).toBe(3)
    },
    LONG,
  )

  it(
    'between a login and its response leaves one whole session, which ends by itself, and not the old one',
    async () => {
      const { app, cookie, reopen, sessions } = await begin()
      await app.ask('/login', cookie)
      await waitUntil(() => app.reports.some(({ say }) => say === 'committed'), 'it has committed')

      await app.kill()

      expect(await reopen()).toBeUndefined()
      const listed = await sessions.list('ada')
      expect(listed).toMatchObject([{ device: 'a laptop' }])
      const client = new Redis(redis.server.url)
      onTestFinished(() => client.disconnect())
      const [key = ''] = await client.keys(`*:s:${listed[0]?.handle.slice(2)}`)
      expect(await client.hkeys(key)).toEqual(
        expect.arrayContaining(['d:left', 'd:right', 'd:kept']),
      )
      expect(await client.pttl(key)).toBeGreaterThan(0)
      expect(await sessions.revokeAll('ada')).toBe(1)
    },
    LONG,
  )

  it.each([1, 40, 173])(
    'at any moment, here after %i commits, leaves none of them half done',
    async (commits) => {
      const { app, cookie, reopen } = await begin()
      await app.ask('/pairs', cookie)
      await waitUntil(() => app.reports.length > commits, 'it has written')

      await app.kill()

      const last = app.reports.at(-1)
      const told = last?.say === 'wrote' ? last.round : 0
      const { left, right } = (await (await reopen())?.all()) ?? {}
      expect(right).toEqual({ round: left })
      expect(left).toBeGreaterThanOrEqual(told)
    },
    LONG,
  )
})
