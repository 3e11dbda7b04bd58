import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'

/** The letter that `ps` shows for the process: `R`, `S`, `T` for stopped, `Z` for a zombie. */
export async function readProcessState(pid: number): Promise<string> {
  if (process.platform !== 'linux') {
    const { stdout } = await promisify(execFile)('ps', ['-o', 'state=', '-p', String(pid)])
    return stdout.trim().slice(0, 1)
  }
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
  // The name before the letter stands in parentheses and may hold anything.
  return stat.slice(stat.lastIndexOf(')') + 2).slice(0, 1)
}
