import { createServer } from 'node:http'
import { createSessionManager } from '@hotpath/session'
import { listen } from '../session-suite.ts'

/** What the process is told, and what it tells. */
export interface AppSettings {
  readonly redis: string
  readonly namespace: string
  readonly secret: string
}
export type AppReport =
  | { readonly say: 'listening'; readonly port: number }
  | { readonly say: 'committed' }
  | { readonly say: 'wrote'; readonly round: number }

// Without its parent it has no business here.
process.on('disconnect', () => process.exit())

const report = (what: AppReport): void => void process.send?.(what)
const { secret, ...store }: AppSettings = JSON.parse(process.argv[2] ?? '')
const sessions = createSessionManager({ ...store, secret, ioTimeout: '5s' })

/** Its handlers write, and never answer. */
const server = createServer(async (req, res) => {
  const session = sessions.attach(req, res)
  if (req.url === '/login') await session.login('ada', { device: 'a laptop' })
  if (req.url === '/pairs') {
    for (let round = 1; ; round += 1) {
      session.set('left', round)
      session.set('right', { round })
      await session.save()
      report({ say: 'wrote', round })
    }
  }
  session.set('left', 2)
  session.set('right', { round: 2 })
  await session.save()
  report({ say: 'committed' })
})
report({ say: 'listening', port: await listen(server) })
