import { isIP } from 'node:net'
import type { Cluster, Redis } from 'ioredis'

/** A master of a Cluster, by the name that it keeps for life. */
interface Master {
  readonly id: string
  readonly ip: string
  /** Empty where it has announced none. */
  readonly hostname: string
  readonly port: number
}

/** What one node says: who it is itself, and who may be written to. */
interface View {
  readonly node: Redis
  readonly selfId: string
  readonly masters: readonly Master[]
}

/** Who may be written to in a Cluster, and how to reach each. */
export interface ClusterView {
  /** The same text for the same masters. */
  readonly masters: string
  /** A connection to each that is not open yet, made with `options`. */
  duplicate(options: object): Redis[]
}

/**
 * Asks all masters that the client knows who the masters are.
 *
 * Those without slots count: a slot on its way to one leaves keys there before it owns anything.
 * Rejects when two of them disagree: a change is under way.
 */
export async function readClusterView(cluster: Cluster): Promise<ClusterView> {
  const views = await Promise.all(cluster.nodes('master').map(askNode))
  const [first, ...others] = views.map(({ masters }) => masters.map(({ id }) => id).join())
  if (first === undefined) throw new Error('No node of the Cluster is known')
  if (others.some((other) => other !== first)) {
    throw new Error('The nodes of the Cluster do not agree on its masters')
  }
  return { masters: first, duplicate: (options) => duplicateAll(cluster, views, options) }
}

async function askNode(node: Redis): Promise<View> {
  return { node, ...parseNodes(String(await node.cluster('NODES'))) }
}

/** Lines of `id address flags master ping pong epoch link slots...`. */
function parseNodes(text: string): Omit<View, 'node'> {
  const nodes = text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split(' '))
  const self = nodes.find((fields) => flagsOf(fields).includes('myself'))
  const masters = nodes.filter(isWritten).map(toMaster)
  return { selfId: self?.[0] ?? '', masters: masters.sort((a, b) => (a.id < b.id ? -1 : 1)) }
}

function flagsOf(fields: readonly string[]): string[] {
  return (fields[2] ?? '').split(',')
}

/** A dead master keeps its slots until somebody has taken over; without slots nobody misses it. */
function isWritten(fields: readonly string[]): boolean {
  const flags = flagsOf(fields)
  const isLost = flags.includes('fail') && fields.length <= 8
  return flags.includes('master') && !flags.includes('handshake') && !isLost
}

/** `ip:port@busport` and, since Redis 7, `,hostname`. */
function toMaster([id = '', address = '']: readonly string[]): Master {
  const [endpoint = '', hostname = ''] = address.split(',')
  const [ipAndPort = ''] = endpoint.split('@')
  const colon = ipAndPort.lastIndexOf(':')
  const ip = ipAndPort.slice(0, colon)
  return { id, ip, hostname, port: Number(ipAndPort.slice(colon + 1)) }
}

function duplicateAll(cluster: Cluster, views: readonly View[], options: object): Redis[] {
  const [{ node: sample, masters }] = views as [View]
  const areNamed = isIP(sample.options.host ?? '') === 0
  return masters.map((master) => {
    const known = views.find(({ selfId }) => selfId === master.id)
    if (known !== undefined) return known.node.duplicate(options)
    // The client does not know it, for it owns no slot yet.
    const host = (areNamed && master.hostname) || master.ip
    return sample.duplicate({ ...options, ...translate(cluster, host, master.port) })
  })
}

/** The address by which this client reaches a node. */
function translate(cluster: Cluster, host: string, port: number): { host: string; port: number } {
  const { natMap } = cluster.options
  const name = `${host}:${port}`
  const mapped = typeof natMap === 'function' ? natMap(name) : natMap?.[name]
  return mapped ?? { host, port }
}
