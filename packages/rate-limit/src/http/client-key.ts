import type { IncomingMessage } from 'node:http'
import { functionSchema, invalidOption, resolveOptions } from '@hotpath/core/base'
import ipaddr from 'ipaddr.js'
import proxyAddr from 'proxy-addr'
import { z } from 'zod'

/** Whom to believe in X-Forwarded-For, and how much of an address is one client. */
export interface ClientKeyOptions {
  /**
   * How many bits of an IPv6 address are one client: a network is given to a customer as a whole, who
   * could use another address of it for each request.
   * @defaultValue 64
   */
  ipv6Subnet?: number | undefined
  /**
   * Proxies whose X-Forwarded-For is believed: how many stand before the app, or their addresses and
   * networks (`'loopback'`, `'10.0.0.0/8'`), or a function of address and distance. `true` would let
   * every client choose its key and is refused; `'everyone'` says that you mean it.
   * @defaultValue none: the address of the connection
   */
  trustProxy?:
    | false
    | number
    | string
    | readonly string[]
    | ((address: string, distance: number) => boolean)
    | undefined
}

type Trust = (address: string, distance: number) => boolean

/** Anything that a request of Node, Express or Fastify is. */
export type RequestLike = IncomingMessage | { readonly raw: IncomingMessage }

const TRUST_WANTED = `how many proxies stand before the app, or their addresses; true lets clients choose their key by X-Forwarded-For: say 'everyone' if nobody else can reach the app`

const schema = z.strictObject({
  ipv6Subnet: z.int().min(1).max(128).default(64),
  trustProxy: z
    .union([
      z.literal(false),
      z.int().min(0),
      z.string(),
      z.array(z.string()),
      functionSchema<Trust>(),
    ])
    .default(false),
})

/**
 * A key for whoever sent a request: the address of the connection, or what trusted proxies say that it
 * was. IPv4 addresses mapped into IPv6 are IPv4 addresses; of IPv6 ones a network is one client.
 *
 * Wrong options throw `ERR_OPTION_INVALID`.
 *
 * @example
 * ```ts
 * import { clientKey } from '@hotpath/rate-limit'
 *
 * const key = clientKey({ trustProxy: ['loopback', '10.0.0.0/8'] })
 * ```
 */
export function clientKey(options?: ClientKeyOptions): (request: RequestLike) => string {
  if ((options?.trustProxy as unknown) === true) {
    throw invalidOption('trustProxy', true, TRUST_WANTED)
  }
  const { ipv6Subnet, trustProxy } = resolveOptions('clientKey', schema, options)
  const trust = compileTrust(trustProxy)
  const keys = new Map<string, string>()
  const keyOf = (address: string): string => {
    const known = keys.get(address)
    if (known !== undefined) return known
    const key = networkOf(address, ipv6Subnet)
    if (keys.size >= MOST_KNOWN) keys.clear()
    keys.set(address, key)
    return key
  }
  return (request) => {
    const raw = 'raw' in request ? request.raw : request
    return keyOf(trustProxy === false ? (raw.socket.remoteAddress ?? '') : addressOf(raw, trust))
  }
}

/** Addresses whose keys are remembered: reading one costs more than the decision. */
const MOST_KNOWN = 1_000

function compileTrust(given: z.output<typeof schema>['trustProxy']): Trust {
  if (typeof given === 'function') return given
  if (typeof given === 'number') return (_address, distance) => distance < given
  if (given === 'everyone') return () => true
  if (given === false) return () => false
  // A count that came as text, from the environment: as an address it would be 0.0.0.n.
  if ([given].flat().some((one) => /^\d+$/.test(one))) {
    throw invalidOption('trustProxy', given, TRUST_WANTED)
  }
  try {
    return proxyAddr.compile(given)
  } catch {
    throw invalidOption('trustProxy', given, TRUST_WANTED)
  }
}

/** The farthest address that only trusted proxies vouch for; what is no address vouches for nothing. */
function addressOf(request: IncomingMessage, trust: Trust): string {
  if (request.socket.remoteAddress === undefined) return ''
  return proxyAddr.all(request, trust).map(withoutPort).findLast(ipaddr.isValid) ?? ''
}

/** Some proxies say the port as well: `192.0.2.7:4711`, `[2001:db8::7]:4711`. */
function withoutPort(address: string): string {
  return (
    /^(?:\[([^\]]*)\](?::\d+)?|(\d+(?:\.\d+){3}):\d+)$/.exec(address)?.slice(1).join('') ?? address
  )
}

function networkOf(address: string, ipv6Subnet: number): string {
  // A connection by a Unix socket, or one that is gone, has none.
  if (!ipaddr.isValid(address)) return 'unknown'
  const parsed = ipaddr.process(address)
  if (!(parsed instanceof ipaddr.IPv6)) return parsed.toString()
  const bytes = parsed.toByteArray().map((byte, at) => byte & maskAt(at, ipv6Subnet))
  return `${ipaddr.fromByteArray(bytes).toString()}/${ipv6Subnet}`
}

function maskAt(byteIndex: number, bits: number): number {
  const within = Math.min(8, Math.max(0, bits - byteIndex * 8))
  return (0xff << (8 - within)) & 0xff
}
