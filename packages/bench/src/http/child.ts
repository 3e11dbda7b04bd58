import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Each kind of process has a core to itself where the machine lets us say so. */
const CORES = { server: '0', client: '1' } as const
type Kind = keyof typeof CORES

const canPin = availableParallelism() > 1 && spawnSync('taskset', ['--version']).status === 0

/** A process of ours that answers each message with one of its own. */
export class Child {
  readonly #process: ChildProcess

  /** Starts `server-main` or `client-main`, which stand beside this file. */
  constructor(kind: Kind, args: readonly string[] = []) {
    const file = `./${kind}-main${extname(import.meta.url)}`
    const script = fileURLToPath(new URL(file, import.meta.url))
    const node = [process.execPath, ...process.execArgv, script, ...args]
    const command = canPin ? ['taskset', '-c', CORES[kind], ...node] : node
    this.#process = spawn(command[0] as string, command.slice(1), {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      env: { ...process.env, NODE_ENV: 'production' },
    })
  }

  /** Sends a question and waits for its answer. Rejects if the process ends instead. */
  async ask<Answer>(question: object): Promise<Answer> {
    const ended = new AbortController()
    const signal = ended.signal
    this.#process.send(question)
    try {
      const [answer] = await Promise.race([
        once(this.#process, 'message', { signal }),
        once(this.#process, 'exit', { signal }).then(([code]) => {
          throw new Error(`A child process ended with ${code}`)
        }),
      ])
      return answer as Answer
    } finally {
      ended.abort()
    }
  }

  /** Lets go of the process, which ends when it sees that. */
  async close(): Promise<void> {
    if (this.#process.exitCode !== null) return
    const exit = once(this.#process, 'exit')
    this.#process.disconnect()
    await exit
  }
}
