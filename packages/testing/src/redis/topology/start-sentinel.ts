import { waitUntil } from '../../async/wait-until.ts'
import { type HeldFolder, holdFolder } from '../../process/held-folder.ts'
import type { Target } from '../../proxy/proxied-connection.ts'
import { findRedisProgram } from '../find-program.ts'
import type { RedisProgram } from '../program.ts'
import { LOOPBACK } from '../redis-process.ts'
import type { RedisServer } from '../redis-server.ts'
import { ask, readInfo } from './ask.ts'
import type { RedisSentinel, StartSentinelOptions } from './sentinel.ts'
import { listDataDirectives, startNode } from './start-node.ts'

const NAME = 'hotpath'
const QUORUM = 2

/**
 * Sentinel's own periods are seconds long; since Redis 7 they can be set. Those who look for a new
 * master take a replica of whom they heard within five pings, and while they look they hear of it
 * every second: pings more frequent than that would leave no replica to take.
 */
const FAST = ['INFO-PERIOD', 100, 'PING-PERIOD', 250, 'PUBLISH-PERIOD', 100]

/** How often each asks the others. Who asks first is elected; all at once would split the vote. */
const ASK_PERIODS_MS = [50, 350, 650]

/**
 * Starts a master with replicas and three Sentinels, all of them processes of ours on free ports of
 * 127.0.0.1. They end with this process at the latest.
 *
 * @throws AggregateError where there is no redis-server, saying what to install
 *
 * @example
 * const sentinel = await startSentinel()
 * const cache = createCache({ redis: sentinel.options })
 * await sentinel.failover()
 * await sentinel.stop()
 */
export async function startSentinel(options: StartSentinelOptions = {}): Promise<RedisSentinel> {
  const program = await findRedisProgram()
  const folder = await holdFolder('sentinel')
  const group = new SentinelGroup(program, folder, options)
  try {
    await group.start()
    return group
  } catch (error) {
    await group.stop()
    throw error
  }
}

class SentinelGroup implements RedisSentinel {
  readonly sentinels: RedisServer[] = []
  readonly #program: RedisProgram
  readonly #folder: HeldFolder
  readonly #options: StartSentinelOptions
  readonly #nodes: RedisServer[] = []
  /** Whom a data server follows when it starts. */
  #masterAtStart: Target | undefined

  constructor(program: RedisProgram, folder: HeldFolder, options: StartSentinelOptions) {
    this.#program = program
    this.#folder = folder
    this.#options = options
  }

  get options(): { sentinels: Target[]; name: string } {
    return { sentinels: this.sentinels.map(({ host, port }) => ({ host, port })), name: NAME }
  }

  async start(): Promise<void> {
    const master = await this.#startNode()
    this.#masterAtStart = master
    const replicas = Array.from({ length: this.#options.replicas ?? 1 }, () => this.#startNode())
    await Promise.all(replicas)
    await Promise.all(ASK_PERIODS_MS.map((periodMs) => this.#startSentinel(master, periodMs)))
    await this.#untilSettled(master)
  }

  async master(): Promise<RedisServer> {
    const port = await masterPortOf(this.sentinels[0] as RedisServer)
    return this.#nodes.find((node) => node.port === port) as RedisServer
  }

  async replicas(): Promise<RedisServer[]> {
    const master = await this.master()
    return this.#nodes.filter((node) => node !== master)
  }

  async failover(): Promise<RedisServer> {
    const dead = await this.master()
    await dead.kill()
    await waitUntil(
      async () => (await this.#agreedPorts()).every((port) => port !== dead.port),
      'all Sentinels name a new master',
    )
    const master = await this.master()
    this.#masterAtStart = master
    await dead.restart()
    await this.#untilSettled(master)
    return master
  }

  async stop(): Promise<void> {
    await Promise.all([...this.sentinels, ...this.#nodes].map((server) => server.stop()))
    await this.#folder.release()
  }

  async #startNode(): Promise<RedisServer> {
    const node = await startNode({
      program: this.#program,
      folder: this.#folder.path,
      listDirectives: () => [...listDataDirectives(this.#options.config), ...this.#following()],
    })
    this.#nodes.push(node)
    return node
  }

  #following(): string[] {
    const master = this.#masterAtStart
    return master === undefined ? [] : [`replicaof ${master.host} ${master.port}`]
  }

  async #startSentinel(master: Target, askPeriodMs: number): Promise<void> {
    const sentinel = await startNode({
      program: this.#program,
      folder: this.#folder.path,
      isSentinel: true,
      listDirectives: () => [
        `sentinel announce-ip ${LOOPBACK}`,
        `sentinel monitor ${NAME} ${master.host} ${master.port} ${QUORUM}`,
        `sentinel down-after-milliseconds ${NAME} ${this.#options.downAfterMs ?? 300}`,
        `sentinel failover-timeout ${NAME} 1000`,
      ],
    })
    this.sentinels.push(sentinel)
    // Older ones do not know it and take their time.
    const periods = [...FAST, 'ASK-PERIOD', askPeriodMs]
    await ask(sentinel, 'SENTINEL', 'DEBUG', ...periods).catch(() => {})
  }

  /** Every Sentinel knows all the others and all replicas, and every replica has its copy. */
  async #untilSettled(master: RedisServer): Promise<void> {
    const replicas = this.#nodes.filter((node) => node !== master)
    await waitUntil(async () => {
      const copies = await Promise.all(replicas.map((replica) => hasCopyOf(replica, master)))
      const views = await Promise.all(
        this.sentinels.map((sentinel) => knowsAll(sentinel, master, replicas.length)),
      )
      return [...copies, ...views].every(Boolean)
    }, 'the Sentinels know each other and all servers')
  }

  async #agreedPorts(): Promise<number[]> {
    return await Promise.all(this.sentinels.map(masterPortOf))
  }
}

async function masterPortOf(sentinel: RedisServer): Promise<number> {
  const address = await ask(sentinel, 'SENTINEL', 'GET-MASTER-ADDR-BY-NAME', NAME)
  return Number((address as string[])[1])
}

async function hasCopyOf(replica: RedisServer, master: RedisServer): Promise<boolean> {
  const info = await readInfo(replica, 'replication')
  return info.master_port === String(master.port) && info.master_link_status === 'up'
}

async function knowsAll(
  sentinel: RedisServer,
  master: RedisServer,
  replicas: number,
): Promise<boolean> {
  const fields = pairUp((await ask(sentinel, 'SENTINEL', 'MASTER', NAME)) as string[])
  const followers = (await ask(sentinel, 'SENTINEL', 'REPLICAS', NAME)) as string[][]
  const areAlive = followers.map(pairUp).every(({ flags }) => flags === 'slave')
  return (
    areAlive &&
    fields.port === String(master.port) &&
    fields.flags === 'master' &&
    fields['num-slaves'] === String(replicas) &&
    fields['num-other-sentinels'] === String(ASK_PERIODS_MS.length - 1)
  )
}

function pairUp(reply: readonly string[]): Record<string, string> {
  const pairs: [string, string][] = []
  for (let index = 0; index < reply.length; index += 2) {
    pairs.push([reply[index] as string, reply[index + 1] as string])
  }
  return Object.fromEntries(pairs)
}
