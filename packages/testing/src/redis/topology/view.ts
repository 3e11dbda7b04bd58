import type { Target } from '../../proxy/proxied-connection.ts'
import { ask, parseInfo } from './ask.ts'

/** One range of slots, and the ports of who serves it: the master first. */
export interface SlotRange {
  readonly from: number
  readonly to: number
  readonly ports: readonly number[]
}

/** Who owns what, as one node sees it. */
export async function readSlots(node: Target): Promise<SlotRange[]> {
  type Reply = [from: number, to: number, ...nodes: [host: string, port: number][]][]
  const reply = (await ask(node, 'CLUSTER', 'SLOTS')) as Reply
  return reply.map(([from, to, ...nodes]) => ({ from, to, ports: nodes.map(([, port]) => port) }))
}

/** How the cluster is doing, as one node sees it. */
export async function readClusterInfo(node: Target): Promise<Record<string, string>> {
  return parseInfo(String(await ask(node, 'CLUSTER', 'INFO')))
}

/** Whether the node sees all others, every slot served, and nobody down. */
export async function isWell(node: Target, nodes: number): Promise<boolean> {
  const info = await readClusterInfo(node)
  return (
    info.cluster_state === 'ok' &&
    info.cluster_known_nodes === String(nodes) &&
    info.cluster_slots_ok === '16384'
  )
}

export async function readId(node: Target): Promise<string> {
  return String(await ask(node, 'CLUSTER', 'MYID'))
}
