import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, it, vi } from 'vitest'
import { startRedis, waitUntil } from '../../src/index.ts'
import { answersPing } from '../../src/redis/ping.ts'

afterEach(() => {
  vi.unstubAllEnvs()
})

it('says what was tried and what to install where there is no Redis', async () => {
  vi.stubEnv('PATH', '')
  vi.stubEnv('HOTPATH_TEST_REDIS_URL', '')

  const started = startRedis({ source: 'binary' })

  await expect(started).rejects.toThrow(
    /apt install redis-server.*HOTPATH_TEST_REDIS_URL.*Tried:.*redis-server: not on PATH/s,
  )
})

it('shows what redis-server said when it does not start', async () => {
  const started = startRedis({ faults: true, config: { 'no-such-directive': '1' } })

  await expect(started).rejects.toThrow(/did not start.*no-such-directive/s)
})

it('gives each caller a server of its own', async () => {
  const servers = await Promise.all([startRedis({ faults: true }), startRedis({ faults: true })])

  expect(servers[0].port).not.toBe(servers[1].port)
  await Promise.all(servers.map((server) => server.stop()))
})

it('a server ends with the process that started it, even if that is killed', async () => {
  const holder = startScript('hold-a-redis.ts')
  const port = await readPort(holder)
  expect(await answersPing('127.0.0.1', port)).toBe(true)

  holder.kill('SIGKILL')

  await waitUntil(async () => !(await answersPing('127.0.0.1', port)), 'the server has ended')
})

it('a server that nobody stops does not keep its process alive, and ends with it', async () => {
  const forgetful = startScript('forget-a-redis.ts')
  const exit = once(forgetful, 'exit')
  const port = await readPort(forgetful)

  expect(await exit).toEqual([0, null])
  await waitUntil(async () => !(await answersPing('127.0.0.1', port)), 'the server has ended')
})

function startScript(name: string): ChildProcess {
  const script = fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url))
  const options = ['--conditions=@hotpath/source', '--import', 'tsx']
  return spawn(process.execPath, [...options, script], { stdio: ['ignore', 'pipe', 'inherit'] })
}

async function readPort(script: ChildProcess): Promise<number> {
  if (script.stdout === null) throw new Error('the script has no output')
  const [line] = await once(script.stdout, 'data')
  return Number(line)
}
