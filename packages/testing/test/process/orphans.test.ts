import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { access, mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { waitUntil } from '../../src/index.ts'

it('a server ends with the process that started it, even if that is killed', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'orphans-'))
  const holder = startScript('hold-a-server.ts', folder)
  const pid = await readPid(holder)
  expect(isAlive(pid)).toBe(true)

  holder.kill('SIGKILL')

  await waitUntil(() => !isAlive(pid), 'the server has ended')
  await waitUntil(async () => !(await doesExist(folder)), 'its folder is gone')
})

it('a server that nobody ends does not keep its process alive, and ends with it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'orphans-'))
  const forgetful = startScript('forget-a-server.ts', folder)
  const exit = once(forgetful, 'exit')
  const pid = await readPid(forgetful)

  expect(await exit).toEqual([0, null])
  await waitUntil(() => !isAlive(pid), 'the server has ended')
  await waitUntil(async () => !(await doesExist(folder)), 'its folder is gone')
})

function startScript(name: string, folder: string): ChildProcess {
  const script = fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url))
  const args = ['--import', 'tsx', script, folder]
  return spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
}

async function readPid(script: ChildProcess): Promise<number> {
  if (script.stdout === null) throw new Error('the script has no output')
  const [line] = await once(script.stdout, 'data')
  return Number(line)
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

async function doesExist(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  )
}
