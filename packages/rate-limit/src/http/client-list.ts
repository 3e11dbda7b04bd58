import { invalidOption } from '@hotpath/core/base'
import ipaddr from 'ipaddr.js'
import type { ClientList } from './request-options.ts'

type Address = ipaddr.IPv4 | ipaddr.IPv6

/** Tells whether a client is on a list: by its key, or by the address or network that the key is. */
export function compileList<Req>(
  list: ClientList<Req>,
  name: string,
): (request: Req, key: string) => boolean | Promise<boolean> {
  if (typeof list === 'function') return list
  const keys = new Set(list)
  const networks = list.flatMap((text) => parseNetwork(text, name))
  return (_request, key) => {
    if (keys.has(key)) return true
    const client = networks.length === 0 ? undefined : parseClient(key)
    return client !== undefined && networks.some((network) => overlap(network, client))
  }
}

/** An address and how many of its bits count. */
type Network = readonly [address: Address, bits: number]

/** Nothing where the text is neither an address nor a network: a key then, and no more. */
function parseNetwork(text: string, name: string): Network[] {
  const network = parseClient(text)
  if (network !== undefined) return [network]
  const [address = '', bits] = text.split('/')
  if (bits === undefined || !ipaddr.isValid(address)) return []
  throw invalidOption(name, text, 'a key, an address or a network')
}

function parseClient(text: string): Network | undefined {
  if (ipaddr.isValidCIDR(text)) return unmapped(ipaddr.parseCIDR(text))
  if (!ipaddr.isValid(text)) return undefined
  const address = ipaddr.process(text)
  return [address, address.kind() === 'ipv4' ? 32 : 128]
}

/** A network of IPv4 addresses mapped into IPv6 is one of IPv4 addresses. */
function unmapped([address, bits]: [Address, number]): Network {
  if (!(address instanceof ipaddr.IPv6) || !address.isIPv4MappedAddress() || bits < 96) {
    return [address, bits]
  }
  return [address.toIPv4Address(), bits - 96]
}

/** A client of IPv6 is a network itself: one of its addresses on the list is all of it. */
function overlap([network, bits]: Network, [client, clientBits]: Network): boolean {
  return network.kind() === client.kind() && client.match(network, Math.min(bits, clientBits))
}
