import type { IncomingHttpHeaders } from 'node:http'
import { joinLines } from '../fields/list.ts'

/**
 * What proxies say of the URL that a client asked for, from which frameworks and handlers build
 * links and choose tenants: whoever may send them could otherwise choose what others are linked to.
 */
const FORWARDING_FIELDS: ReadonlySet<string> = new Set([
  'forwarded',
  'front-end-https',
  'x-forwarded-host',
  'x-forwarded-path',
  'x-forwarded-port',
  'x-forwarded-prefix',
  'x-forwarded-proto',
  'x-forwarded-protocol',
  'x-forwarded-scheme',
  'x-forwarded-server',
  'x-forwarded-ssl',
  'x-forwarded-uri',
  'x-host',
  'x-http-host-override',
  'x-original-host',
  'x-url-scheme',
])

/** A field's name in lower case, and its value. */
type Forwarding = readonly [name: string, value: string]

/**
 * What the request's fields say of its URL, in the order of their names; not whom it was forwarded
 * for, which would be another key for each client.
 */
export function readForwarding(headers: IncomingHttpHeaders): readonly Forwarding[] {
  let found: Forwarding[] | undefined
  for (const name in headers) {
    if (!FORWARDING_FIELDS.has(name)) continue
    const value = joinLines(headers[name]) ?? ''
    found ??= []
    found.push([name, name === 'forwarded' ? withoutAddresses(value) : value])
  }
  return found?.sort(byName) ?? NONE
}

const NONE: readonly Forwarding[] = []

function byName([one]: Forwarding, [other]: Forwarding): number {
  return one < other ? -1 : 1
}

/**
 * A Forwarded field (RFC 7239) less its `for` and `by`. One that is left with quotes counts as a
 * whole: what looks like a parameter may be a part of another's value.
 */
function withoutAddresses(value: string): string {
  const rest = value.replace(/(^|[;,])\s*(?:for|by)=("?)[\w.:[\]-]*\2\s*(?=[;,]|$)/gi, '$1')
  return rest.includes('"') ? value : rest
}
