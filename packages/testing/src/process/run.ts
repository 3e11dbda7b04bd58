import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

/** How a helper program is run. */
export interface RunOptions {
  readonly cwd?: string | undefined
  readonly env?: NodeJS.ProcessEnv | undefined
  readonly uid?: number | undefined
  readonly gid?: number | undefined
}

/** Runs a helper program to its end and gives its standard output; its error keeps both outputs. */
export async function run(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<string> {
  const { stdout } = await promisify(execFile)(command, args, {
    ...options,
    maxBuffer: 64 * 1024 * 1024,
  })
  return stdout
}
