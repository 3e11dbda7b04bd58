import { waitUntil } from '../../async/wait-until.ts'
import { type HeldFolder, holdFolder } from '../../process/held-folder.ts'
import type { Target } from '../../proxy/proxied-connection.ts'
import { findRedisProgram } from '../find-program.ts'
import type { RedisProgram } from '../program.ts'
import { LOOPBACK } from '../redis-process.ts'
import type { RedisServer } from '../redis-server.ts'
import { ask, readInfo } from './ask.ts'
import type { RedisCluster, SlotMove, StartClusterOptions } from './cluster.ts'
import { openSlot } from './slot-move.ts'
import { listDataDirectives, startNode } from './start-node.ts'
import { isWell, readId, readSlots } from './view.ts'

const SLOTS = 16_384

/**
 * Starts a Redis Cluster, all nodes of it processes of ours on free ports of 127.0.0.1. They end
 * with this process at the latest. A Cluster takes a few seconds to come up: one is enough for a file.
 *
 * @throws AggregateError where there is no redis-server, saying what to install
 *
 * @example
 * const cluster = await startCluster({ replicas: 1 })
 * const cache = createCache({ redis: new Cluster(cluster.nodes) })
 * const [first, second] = await cluster.masters()
 * await cluster.moveKey('key', second)
 * await cluster.failover(first)
 * await cluster.stop()
 */
export async function startCluster(options: StartClusterOptions = {}): Promise<RedisCluster> {
  const program = await findRedisProgram()
  const folder = await holdFolder('cluster')
  const cluster = new ProcessCluster(program, folder, options)
  try {
    await cluster.start()
    return cluster
  } catch (error) {
    await cluster.stop()
    throw error
  }
}

class ProcessCluster implements RedisCluster {
  readonly servers: RedisServer[] = []
  readonly #program: RedisProgram
  readonly #folder: HeldFolder
  readonly #options: StartClusterOptions

  constructor(program: RedisProgram, folder: HeldFolder, options: StartClusterOptions) {
    this.#program = program
    this.#folder = folder
    this.#options = options
  }

  get nodes(): Target[] {
    return this.servers.map(({ host, port }) => ({ host, port }))
  }

  async start(): Promise<void> {
    const { masters: count = 3, replicas = 0 } = this.#options
    const nodes = Array.from({ length: count * (1 + replicas) }, () => this.#startNode())
    await Promise.all(nodes)
    const masters = this.servers.slice(0, count)
    await Promise.all(masters.map((master, index) => assignSlots(master, index, count)))
    await introduceAll(this.servers)
    await this.#untilWell()
    const ids = await Promise.all(masters.map(readId))
    const followers = this.servers.slice(count)
    for (const [index, follower] of followers.entries()) {
      await ask(follower, 'CLUSTER', 'REPLICATE', ids[index % count] as string)
    }
    await this.#untilCopied(followers)
    await waitUntil(async () => {
      const views = await Promise.all(this.servers.map(readSlots))
      return views.every((ranges) => ranges.every(({ ports }) => ports.length === replicas + 1))
    }, 'every node knows the replicas')
  }

  async masters(): Promise<RedisServer[]> {
    const ranges = await readSlots(await this.#anyAlive())
    const ports = new Set(ranges.map((range) => range.ports[0]))
    return this.servers.filter(({ port }) => ports.has(port))
  }

  async slotOf(key: string): Promise<number> {
    return Number(await ask(await this.#anyAlive(), 'CLUSTER', 'KEYSLOT', key))
  }

  async ownerOf(slot: number): Promise<RedisServer> {
    return await this.#ownerAsSeenBy(await this.#anyAlive(), slot)
  }

  async addMaster(): Promise<RedisServer> {
    const known = [...this.servers]
    const master = await this.#startNode()
    for (const { host, port } of known) await ask(master, 'CLUSTER', 'MEET', host, port)
    await this.#untilWell()
    return master
  }

  async beginMove(slot: number, to: RedisServer): Promise<SlotMove> {
    const from = await this.ownerOf(slot)
    const others = (await this.masters()).filter((master) => master !== from && master !== to)
    return await openSlot(slot, from, to, others)
  }

  async moveSlot(slot: number, to: RedisServer): Promise<void> {
    const move = await this.beginMove(slot, to)
    await move.finish()
    await this.#untilAllSee(slot, (owner) => owner === to)
  }

  async moveKey(key: string, to: RedisServer): Promise<void> {
    await this.moveSlot(await this.slotOf(key), to)
  }

  async failover(master: RedisServer): Promise<RedisServer> {
    const slot = await this.#someSlotOf(master)
    await this.#followersOf(slot, master)
    await master.kill()
    const others = this.servers.filter((server) => server !== master)
    await this.#untilAllSee(slot, (owner) => owner !== master, others)
    await master.restart()
    return await this.#afterChange(slot, master)
  }

  async switchOver(master: RedisServer): Promise<RedisServer> {
    const slot = await this.#someSlotOf(master)
    const [follower] = await this.#followersOf(slot, master)
    await ask(follower as RedisServer, 'CLUSTER', 'FAILOVER')
    return await this.#afterChange(slot, master)
  }

  async stop(): Promise<void> {
    await Promise.all(this.servers.map((server) => server.stop()))
    await this.#folder.release()
  }

  async #startNode(): Promise<RedisServer> {
    const { nodeTimeoutMs = 1_000, config } = this.#options
    const server = await startNode({
      program: this.#program,
      folder: this.#folder.path,
      listDirectives: (port) => [
        'cluster-enabled yes',
        `cluster-config-file nodes-${port}.conf`,
        `cluster-node-timeout ${nodeTimeoutMs}`,
        `cluster-announce-ip ${LOOPBACK}`,
        // A replica that has lost its master's link for long may still take over.
        'cluster-replica-validity-factor 0',
        // Replicas stay with the master that the test gave them.
        'cluster-migration-barrier 99',
        ...listDataDirectives(config),
      ],
    })
    this.servers.push(server)
    return server
  }

  async #afterChange(slot: number, before: RedisServer): Promise<RedisServer> {
    await this.#untilAllSee(slot, (owner) => owner !== before)
    await this.#untilWell()
    const owner = await this.ownerOf(slot)
    await waitUntil(async () => {
      const owners = await Promise.all(this.servers.map((node) => rangeOf(node, slot)))
      return owners.every((range) => range?.ports.includes(before.port))
    }, 'all nodes know the old master as a replica')
    await this.#untilCopied([before])
    return owner
  }

  async #untilWell(): Promise<void> {
    await waitUntil(async () => {
      const { length } = this.servers
      const states = await Promise.all(this.servers.map((server) => isWell(server, length)))
      return states.every(Boolean)
    }, 'all nodes of the Cluster see each other')
  }

  async #untilCopied(followers: readonly RedisServer[]): Promise<void> {
    await waitUntil(async () => {
      const infos = await Promise.all(followers.map((node) => readInfo(node, 'replication')))
      return infos.every((info) => info.role === 'slave' && info.master_link_status === 'up')
    }, 'all replicas have their copies')
  }

  async #untilAllSee(
    slot: number,
    isRight: (owner: RedisServer) => boolean,
    nodes: readonly RedisServer[] = this.servers,
  ): Promise<void> {
    await waitUntil(async () => {
      const owners = await Promise.all(nodes.map((node) => this.#ownerAsSeenBy(node, slot)))
      return owners.every((owner) => owner === owners[0] && isRight(owner))
    }, `all nodes agree on the new owner of slot ${slot}`)
  }

  async #ownerAsSeenBy(node: RedisServer, slot: number): Promise<RedisServer> {
    const range = await rangeOf(node, slot)
    return this.#at(range?.ports[0])
  }

  async #someSlotOf(master: RedisServer): Promise<number> {
    const ranges = await readSlots(await this.#anyAlive())
    const range = ranges.find(({ ports }) => ports[0] === master.port)
    if (range === undefined) throw new Error(`The node on port ${master.port} owns no slot`)
    return range.from
  }

  async #followersOf(slot: number, master: RedisServer): Promise<RedisServer[]> {
    const range = await rangeOf(await this.#anyAlive(), slot)
    const followers = (range?.ports ?? []).slice(1).map((port) => this.#at(port))
    if (followers.length > 0) return followers
    throw new Error(`The node on port ${master.port} has no replica: startCluster({ replicas: 1 })`)
  }

  #at(port: number | undefined): RedisServer {
    const server = this.servers.find((candidate) => candidate.port === port)
    if (server === undefined) throw new Error(`No node of this Cluster is on port ${port}`)
    return server
  }

  /** A test may have killed or paused some. */
  async #anyAlive(): Promise<RedisServer> {
    return await Promise.any(
      this.servers.map(async (server) => {
        await ask(server, 'PING')
        return server
      }),
    )
  }
}

async function rangeOf(node: RedisServer, slot: number) {
  return (await readSlots(node)).find(({ from, to }) => from <= slot && slot <= to)
}

async function assignSlots(master: RedisServer, index: number, masters: number): Promise<void> {
  const first = Math.floor((index * SLOTS) / masters)
  const end = Math.floor(((index + 1) * SLOTS) / masters)
  const slots = Array.from({ length: end - first }, (_, offset) => first + offset)
  await ask(master, 'CLUSTER', 'ADDSLOTS', ...slots)
}

/** Everybody to everybody: by hearsay alone it would take seconds. */
async function introduceAll(servers: readonly RedisServer[]): Promise<void> {
  // Epochs of their own, or they would first have to settle who comes before whom.
  for (const [index, server] of servers.entries()) {
    await ask(server, 'CLUSTER', 'SET-CONFIG-EPOCH', index + 1)
  }
  for (const [index, server] of servers.entries()) {
    for (const other of servers.slice(index + 1)) {
      await ask(server, 'CLUSTER', 'MEET', other.host, other.port)
    }
  }
}
