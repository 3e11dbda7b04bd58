import type { IncomingHttpHeaders } from 'node:http'
import { readCookies } from '../fields/cookies.ts'
import { joinLines } from '../fields/list.ts'
import type { KeyRules } from '../keys/cache-key.ts'
import { readForwarding } from '../keys/forwarding-fields.ts'
import { type RoutedMessage, requestTarget } from '../keys/request-target.ts'
import type { DetachedRequest } from './detached-exchange.ts'

/**
 * The request by which a stored response is fetched anew: what its key and its Vary are made of, and
 * nothing else of the client on whose request it is made.
 */
export function repeatRequest(
  req: RoutedMessage,
  rules: KeyRules,
  vary: readonly string[],
): DetachedRequest {
  const { headers, socket } = req
  const names = new Set(['host', ...rules.keyHeaders, ...vary])
  const kept: Record<string, string> = Object.fromEntries(readForwarding(headers))
  for (const name of names) {
    const value = name === 'host' ? hostOf(headers) : joinLines(headers[name])
    if (value !== undefined) kept[name] = value
  }
  const cookies = rules.keyCookies.flatMap((name) =>
    readCookies(headers.cookie, name).map((value) => `${name}=${value}`),
  )
  if (cookies.length > 0) kept.cookie ??= cookies.join('; ')
  return {
    target: requestTarget(req),
    headers: kept,
    remoteAddress: socket.remoteAddress,
    isEncrypted: 'encrypted' in socket && socket.encrypted === true,
  }
}

function hostOf(headers: IncomingHttpHeaders): string | undefined {
  return headers.host ?? joinLines(headers[':authority'])
}
