import ipaddr from 'ipaddr.js'
import type { ClientList } from './request-options.ts'

type Address = ipaddr.IPv4 | ipaddr.IPv6

/** Tells whether a client is on a list: by its key, or by the address or network that the key is. */
export function compileList<Req>(
  list: ClientList<Req>,
): (request: Req, key: string) => boolean | Promise<boolean> {
  if (typeof list === 'function') return list
  const keys = new Set(list)
  const networks = list.flatMap(parseNetwork)
  return (_request, key) => {
    if (keys.has(key)) return true
    const address = networks.length === 0 ? undefined : parseAddress(key)
    return address !== undefined && networks.some((network) => contains(network, address))
  }
}

function parseNetwork(text: string): [Address, number][] {
  if (ipaddr.isValidCIDR(text)) return [ipaddr.parseCIDR(text)]
  const address = parseAddress(text)
  return address === undefined ? [] : [[address, address.kind() === 'ipv4' ? 32 : 64]]
}

/** A client key of IPv6 is a network. */
function parseAddress(text: string): Address | undefined {
  const [address = ''] = text.split('/')
  return ipaddr.isValid(address) ? ipaddr.process(address) : undefined
}

function contains([network, bits]: [Address, number], address: Address): boolean {
  return network.kind() === address.kind() && address.match(network, bits)
}
