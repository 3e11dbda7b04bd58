import { randomUUID } from 'node:crypto'
import { link, readFile, rm, writeFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'

const POLL_MS = 50

/**
 * Runs `work` while no other process on this machine does so under the same `path`. The lock of
 * a process that has died is taken over; two that take over at once may both work, so `work`
 * must bear being done twice.
 */
export async function withFileLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  while (!(await take(path))) {
    if (await isAbandoned(path)) await rm(path, { force: true })
    else await delay(POLL_MS)
  }
  try {
    return await work()
  } finally {
    await rm(path, { force: true })
  }
}

/** The lock appears with its holder's name in it, so one without is nobody's. */
async function take(path: string): Promise<boolean> {
  const draft = `${path}.${randomUUID()}`
  await writeFile(draft, String(process.pid))
  try {
    await link(draft, path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  } finally {
    await rm(draft, { force: true })
  }
}

async function isAbandoned(path: string): Promise<boolean> {
  const text = await readFile(path, 'utf8').catch(() => undefined)
  // Given back this very moment.
  if (text === undefined) return false
  const pid = Number(text)
  return pid > 0 ? !isAlive(pid) : true
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}
