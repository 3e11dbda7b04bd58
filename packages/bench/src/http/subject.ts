import type { Cost, Timed } from '../runner/rounds.ts'
import type { Child } from './child.ts'
import type { Page } from './contestant.ts'
import type { HttpContestant } from './lineup.ts'
import type { BurstResult } from './load.ts'
import type { ServerState } from './server-main.ts'

const CONNECTIONS = 32

/** One server at one page, under load by turns. */
export class HttpSubject implements Timed {
  readonly contestant: HttpContestant
  readonly #server: Child
  readonly #client: Child
  readonly #page: Page
  readonly #turnMs: number
  #etag: string | undefined

  constructor(
    contestant: HttpContestant,
    server: Child,
    { client, page, turnMs }: { client: Child; page: Page; turnMs: number },
  ) {
    this.contestant = contestant
    this.#server = server
    this.#client = client
    this.#page = page
    this.#turnMs = turnMs
  }

  get name(): string {
    return this.contestant.name
  }

  /** Throws if the page is not what it is to be; leaves it cached, and the server warm. */
  async prepare(warmUpTurns: number): Promise<void> {
    const { port } = await this.#ask()
    await this.#fetchPage(port)
    if (this.contestant.asks !== 'refused') {
      // From the cache: the first answer may have gone out before all of its body was known.
      const { headers } = await this.#fetchPage(port)
      if (this.contestant.asks === 'not-modified') this.#etag = headers.get('etag') ?? ''
    }
    for (let turn = 0; turn < warmUpTurns; turn += 1) await this.#load(port, this.#turnMs)
  }

  async #fetchPage(port: number): Promise<Response> {
    const headers = { 'Accept-Encoding': 'identity' }
    const response = await fetch(`http://127.0.0.1:${port}${this.#page.path}`, { headers })
    const body = Buffer.from(await response.arrayBuffer())
    if (!body.equals(this.#page.body)) throw new Error(`${this.name}: a wrong body`)
    return response
  }

  async turn(): Promise<Cost> {
    const { port } = await this.#ask()
    // Its code and data have left the processor's caches while the others had their turns.
    await this.#load(port, this.#turnMs / 2)
    const before = await this.#ask()
    const { requests, elapsedMs } = await this.#load(port, this.#turnMs)
    const after = await this.#ask()
    this.#check(requests, after.handled - before.handled)
    const cpuMicroseconds = after.cpuMicroseconds - before.cpuMicroseconds
    return {
      nanoseconds: (elapsedMs * 1e6) / requests,
      cpuNanoseconds: (cpuMicroseconds * 1e3) / requests,
    }
  }

  #load(port: number, durationMs: number): Promise<BurstResult> {
    const { path, body } = this.#page
    return this.#client.ask<BurstResult>({
      port,
      path,
      isUnseen: this.contestant.asks === 'unseen',
      etag: this.#etag,
      isRefused: this.contestant.asks === 'refused',
      bodyBytes: body.length,
      connections: CONNECTIONS,
      durationMs,
    })
  }

  #check(requests: number, handled: number): void {
    const { isCached, asks } = this.contestant
    const isHandled = asks === 'unseen' || (!isCached && asks !== 'refused')
    if (handled === (isHandled ? requests : 0)) return
    throw new Error(`${this.name}: its handler ran ${handled} times for ${requests} requests`)
  }

  #ask(): Promise<ServerState> {
    return this.#server.ask<ServerState>({})
  }
}
