import { access, mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { waitUntil } from '../../src/index.ts'
import { SupervisedProcess } from '../../src/process/supervised-process.ts'

it('knows the process id of the server itself', async () => {
  const server = await SupervisedProcess.start({ command: 'sh', args: ['-c', 'echo $$; sleep 99'] })

  await waitUntil(() => server.log !== '', 'the server has spoken')
  expect(Number(server.log)).toBe(server.pid)
  expect(server.isRunning).toBe(true)

  await server.end('SIGKILL')
  expect(server.isRunning).toBe(false)
  expect(() => process.kill(server.pid, 0)).toThrow(/ESRCH/)
})

it("removes the server's folder once it has ended", async () => {
  const folder = await mkdtemp(join(tmpdir(), 'supervised-'))
  const server = await SupervisedProcess.start({ command: 'sleep', args: ['99'], folder })
  await access(folder)

  await server.end('SIGKILL')

  await expect(access(folder)).rejects.toMatchObject({ code: 'ENOENT' })
})

it('keeps what a server has said before it failed', async () => {
  const args = ['-c', 'echo out; echo err >&2; exit 3']
  const server = await SupervisedProcess.start({ command: 'sh', args })

  await waitUntil(() => !server.isRunning, 'it has ended')

  await waitUntil(() => /out/.test(server.log) && /err/.test(server.log), 'both were read')
  expect(server.log).toHaveLength('out\nerr\n'.length)
})
