import { spawnSync } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { gate } from '../../src/index.ts'
import { withFileLock } from '../../src/process/file-lock.ts'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'file-lock-'))
})

afterEach(async () => {
  await rm(folder, { recursive: true })
})

it('lets nobody work while somebody does', async () => {
  const lock = join(folder, 'lock')
  const slow = gate()
  const order: string[] = []
  const first = withFileLock(lock, async () => {
    await slow.enter()
    order.push('first')
  })
  await slow.entered
  const second = withFileLock(lock, async () => void order.push('second'))

  slow.open()
  await Promise.all([first, second])

  expect(order).toEqual(['first', 'second'])
})

it('is given back when the work fails', async () => {
  const lock = join(folder, 'lock')

  await expect(withFileLock(lock, () => Promise.reject(new Error('broken')))).rejects.toThrow()

  expect(await readdir(folder)).toEqual([])
  expect(await withFileLock(lock, async () => 'done')).toBe('done')
})

it('is taken over from a process that has died', async () => {
  const lock = join(folder, 'lock')
  await writeFile(lock, String(spawnSync('true').pid))

  expect(await withFileLock(lock, async () => 'done')).toBe('done')
})

it.each(['', 'no number', '-1'])('is taken over where it names nobody: %j', async (text) => {
  const lock = join(folder, 'lock')
  await writeFile(lock, text)

  expect(await withFileLock(lock, async () => 'done')).toBe('done')
})

it('names its holder as soon as it is there, and leaves nothing else behind', async () => {
  const lock = join(folder, 'lock')

  const held = await withFileLock(lock, async () => [
    await readFile(lock, 'utf8'),
    ...(await readdir(folder)),
  ])

  expect(held).toEqual([String(process.pid), 'lock'])
  expect(await readdir(folder)).toEqual([])
})
