import type { Target } from '../../proxy/proxied-connection.ts'
import type { RedisServer } from '../redis-server.ts'

/** What a test asks of its Cluster. */
export interface StartClusterOptions {
  /** How many masters share the slots. @defaultValue 3 */
  readonly masters?: number | undefined
  /** How many replicas each of them has. @defaultValue 0 */
  readonly replicas?: number | undefined
  /** How long a node may be silent before it counts as down, in milliseconds. @defaultValue 1000 */
  readonly nodeTimeoutMs?: number | undefined
  /** Directives of all nodes, as in redis.conf. */
  readonly config?: Readonly<Record<string, string>> | undefined
}

/** A slot on its way from one master to another, as far as the test has let it come. */
export interface SlotMove {
  readonly slot: number
  readonly from: RedisServer
  readonly to: RedisServer
  /** Moves keys over, all of the slot unless told which; ASK leads to those that have moved. */
  moveKeys(...keys: string[]): Promise<void>
  /** Moves what is left and gives the slot to its new master; MOVED leads there from now on. */
  finish(): Promise<void>
}

/** A Redis Cluster of processes of ours. */
export interface RedisCluster {
  /** For a client: `new Cluster(cluster.nodes)`. */
  readonly nodes: Target[]
  /** Every node, whatever it is at the moment. */
  readonly servers: readonly RedisServer[]
  /** The nodes that own slots. */
  masters(): Promise<RedisServer[]>
  /** The slot of a key, or of its hash tag. */
  slotOf(key: string): Promise<number>
  /** The node that owns a slot. */
  ownerOf(slot: number): Promise<RedisServer>
  /** Adds a master that owns no slot yet. Resolves when every node knows it. */
  addMaster(): Promise<RedisServer>
  /**
   * Begins to move a slot: its owner sends those who ask for a key that it has not to `to` by ASK,
   * and refuses by TRYAGAIN what needs several keys of which some have moved.
   */
  beginMove(slot: number, to: RedisServer): Promise<SlotMove>
  /** Moves a slot with all its keys. Resolves when every node knows. */
  moveSlot(slot: number, to: RedisServer): Promise<void>
  /** Moves the slot of `key`, and so all keys that share it. */
  moveKey(key: string, to: RedisServer): Promise<void>
  /**
   * SIGKILL of a master that has a replica, if it still lives. Resolves with the new master when every node knows it;
   * the dead one has been started again by then and is its replica, with all copies made.
   */
  failover(master: RedisServer): Promise<RedisServer>
  /**
   * Has a replica take over from a master that is well and stays up, as in maintenance. Resolves with
   * the new master when every node knows it.
   */
  switchOver(master: RedisServer): Promise<RedisServer>
  /** Ends everything, in whatever state it is. */
  stop(): Promise<void>
}
