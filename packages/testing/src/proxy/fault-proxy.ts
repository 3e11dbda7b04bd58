import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { pickPort } from '../process/pick-port.ts'
import type { Conditions } from './conditions.ts'
import { ProxiedConnection, type Target } from './proxied-connection.ts'

/** A network between a client and a real server that fails on demand. */
export interface FaultProxy {
  /** Where clients connect instead of to the target. */
  readonly host: string
  readonly port: number
  /** How many clients are connected and have not ended their side. */
  readonly connections: number
  /** How many clients have ever connected. */
  readonly connectionsTaken: number
  /** Ends every connection (FIN) and refuses new ones until {@link heal}. */
  drop(): Promise<void>
  /**
   * Takes connections and bytes but passes nothing on until {@link heal}: either way, or only what
   * goes `to-target` or `to-client`.
   */
  stall(direction?: Direction): Promise<void>
  /** Breaks every connection off (RST). New ones are as before. */
  reset(): Promise<void>
  /** Ends what every client reads (FIN) while what it writes still gets through. New ones are as before. */
  halfClose(): Promise<void>
  /**
   * Everything arrives `ms` milliseconds later, each way: a round trip takes twice that. `uneven`: on
   * every other connection only, so that one overtakes another.
   */
  delay(ms: number, spread?: 'even' | 'uneven'): Promise<void>
  /** Works again, without delay; what a stall held back gets through. */
  heal(): Promise<void>
  /** Ends it and every connection for good. */
  close(): Promise<void>
}

/** Which way bytes travel. */
export type Direction = 'to-target' | 'to-client'

/** What to put a proxy before. */
export interface FaultProxyOptions {
  readonly target: Target
}

const HOST = '127.0.0.1'

/**
 * Starts a TCP proxy on a free port of 127.0.0.1 that forwards to `target` and fails on demand.
 * Every method resolves when its fault is in force.
 *
 * @example
 * const proxy = await startFaultProxy({ target: redis })
 * const cache = createCache({ redis: `redis://${proxy.host}:${proxy.port}` })
 * await proxy.stall()
 */
export async function startFaultProxy({ target }: FaultProxyOptions): Promise<FaultProxy> {
  const proxy = new TcpFaultProxy(target, await pickPort())
  await proxy.heal()
  return proxy
}

class TcpFaultProxy implements FaultProxy {
  readonly host: string = HOST
  readonly port: number
  readonly #target: Target
  readonly #toTarget: Conditions = { isStalled: false, delayMs: 0, isUneven: false }
  readonly #toClient: Conditions = { isStalled: false, delayMs: 0, isUneven: false }
  readonly #connections = new Set<ProxiedConnection>()
  #connectionsTaken = 0
  #server: Server | undefined
  /** Listening begins and ends in turn: a port is free only when the server before has let go of it. */
  #turn: Promise<void> = Promise.resolve()

  constructor(target: Target, port: number) {
    this.#target = target
    this.port = port
  }

  get connections(): number {
    return [...this.#connections].filter(({ isClientThere }) => isClientThere).length
  }

  get connectionsTaken(): number {
    return this.#connectionsTaken
  }

  async drop(): Promise<void> {
    await this.#inTurn(async () => {
      // Stops listening at once and closes when the last connection has ended.
      this.#server?.close()
      this.#server = undefined
    })
    await this.#each((connection) => connection.end())
  }

  async stall(direction?: Direction): Promise<void> {
    if (direction !== 'to-client') this.#toTarget.isStalled = true
    if (direction !== 'to-target') this.#toClient.isStalled = true
    await this.#each((connection) => connection.update())
  }

  async reset(): Promise<void> {
    await this.#each((connection) => connection.reset())
  }

  async halfClose(): Promise<void> {
    await this.#each((connection) => connection.halfClose())
  }

  async delay(ms: number, spread: 'even' | 'uneven' = 'even'): Promise<void> {
    for (const way of [this.#toTarget, this.#toClient]) {
      way.delayMs = ms
      way.isUneven = spread === 'uneven'
    }
    await this.#each((connection) => connection.update())
  }

  async heal(): Promise<void> {
    for (const way of [this.#toTarget, this.#toClient]) {
      way.isStalled = false
      way.delayMs = 0
    }
    await this.#inTurn(async () => {
      this.#server ??= await this.#listen()
    })
    await this.#each((connection) => connection.update())
  }

  async close(): Promise<void> {
    await this.drop()
  }

  #inTurn(act: () => Promise<void>): Promise<void> {
    const done = this.#turn.then(act)
    this.#turn = done.catch(() => {})
    return done
  }

  async #listen(): Promise<Server> {
    const server = createServer({ allowHalfOpen: true }, (client) => this.#take(client))
    server.listen(this.port, this.host)
    await once(server, 'listening')
    return server
  }

  #take(client: Socket): void {
    const conditions = {
      toTarget: this.#toTarget,
      toClient: this.#toClient,
      isSpared: this.#connectionsTaken % 2 === 1,
    }
    const connection = new ProxiedConnection(client, this.#target, conditions)
    this.#connections.add(connection)
    this.#connectionsTaken += 1
    void connection.untilOver().then(() => this.#connections.delete(connection))
  }

  async #each(act: (connection: ProxiedConnection) => Promise<void> | void): Promise<void> {
    await Promise.all([...this.#connections].map(act))
  }
}
