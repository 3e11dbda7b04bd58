import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { Socket } from 'node:net'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { waitUntil } from '../async/wait-until.ts'
import { readProcessState } from './process-state.ts'

/**
 * Runs a server and lives exactly as long as it. Its standard input is a pipe from us, which the
 * kernel closes however we end, SIGKILL included; the server is killed then, its folder removed.
 * It says nothing itself: when we are gone, a word too many would end it by SIGPIPE.
 */
const SUPERVISOR = `
folder=$1; shift
exec 4<&0
"$@" 3>&- 4<&- </dev/null & server=$!
echo $server >&3
exec 3>&- >/dev/null 2>&1
(read _ <&4; kill -9 $server) & watcher=$!
wait $server
code=$?
kill $watcher
[ -z "$folder" ] || rm -rf "$folder"
exit $code
`

const KEPT_LOG_CHARACTERS = 8_000

/** How a server is run. */
export interface ServerCommand {
  readonly command: string
  readonly args: readonly string[]
  readonly env?: NodeJS.ProcessEnv | undefined
  readonly uid?: number | undefined
  readonly gid?: number | undefined
  /** The server's own folder, removed when the server has ended, whatever ended it. */
  readonly folder?: string | undefined
}

/** A server process that never outlives the process that started it. */
export class SupervisedProcess {
  readonly #supervisor: ChildProcess
  readonly #pid: number
  #log = ''

  private constructor(supervisor: ChildProcess, pid: number) {
    this.#supervisor = supervisor
    this.#pid = pid
  }

  static async start(server: ServerCommand): Promise<SupervisedProcess> {
    const { command, args, folder = '', env, uid, gid } = server
    const supervisor = spawn('sh', ['-c', SUPERVISOR, 'sh', folder, command, ...args], {
      stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
      // Away from our process group: Ctrl-C must not end servers before the tests let go of them.
      detached: true,
      cwd: '/',
      ...(env === undefined ? {} : { env }),
      ...(uid === undefined ? {} : { uid }),
      ...(gid === undefined ? {} : { gid }),
    })
    const [, , , pidPipe] = supervisor.stdio
    const [pid] = await Promise.all([text(pidPipe as Readable), once(supervisor, 'spawn')])
    const started = new SupervisedProcess(supervisor, Number(pid))
    started.#collectLog()
    started.#letUsExit()
    return started
  }

  /** The server's own process id, not the supervisor's. */
  get pid(): number {
    return this.#pid
  }

  get isRunning(): boolean {
    return this.#supervisor.exitCode === null && this.#supervisor.signalCode === null
  }

  /** The end of what the server has written to its standard output and error. */
  get log(): string {
    return this.#log
  }

  /** Sends `signal` and resolves when the server has ended. */
  async end(signal: 'SIGKILL' | 'SIGQUIT'): Promise<void> {
    if (!this.isRunning) return
    this.#supervisor.ref()
    const exit = once(this.#supervisor, 'exit')
    sendSignal(this.#pid, signal)
    await exit
  }

  /** SIGSTOP; resolves when the server really stands still. */
  async pause(): Promise<void> {
    process.kill(this.#pid, 'SIGSTOP')
    await waitUntil(
      async () => (await readProcessState(this.#pid)) === 'T',
      `process ${this.#pid} stands still`,
    )
  }

  /** SIGCONT. */
  resume(): void {
    process.kill(this.#pid, 'SIGCONT')
  }

  #collectLog(): void {
    for (const stream of [this.#supervisor.stdout, this.#supervisor.stderr]) {
      stream?.setEncoding('utf8').on('data', (chunk: string) => {
        this.#log = (this.#log + chunk).slice(-KEPT_LOG_CHARACTERS)
      })
    }
  }

  /** A server that nobody stopped must not keep us alive; when we end, it ends. */
  #letUsExit(): void {
    this.#supervisor.unref()
    for (const pipe of this.#supervisor.stdio) {
      if (pipe instanceof Socket) pipe.unref()
    }
  }
}

function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    // It has ended by itself and its supervisor is about to.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
