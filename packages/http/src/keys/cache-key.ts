import type { IncomingHttpHeaders } from 'node:http'
import { readCookies } from '../fields/cookies.ts'
import { joinLines } from '../fields/list.ts'
import { readForwarding } from './forwarding-fields.ts'
import type { RoutedMessage } from './request-target.ts'
import { requestTarget } from './request-target.ts'

/** What beside the URL tells the responses of a route apart. */
export interface KeyRules {
  /** Request fields, in lower case. */
  readonly keyHeaders: readonly string[]
  readonly keyCookies: readonly string[]
}

/** What the options have already said of a request. */
export interface KeyParts {
  /** How many caches the request has come through in this process: each has keys of its own. */
  readonly depth: number
  /** What stands for the URL instead of host and target, by the option `key`. */
  readonly custom: string | undefined
  readonly scope: string | undefined
}

/**
 * The key of a GET: scheme, host, path and query, whatever a proxy says of them, and what the
 * options add (RFC 9111 section 2).
 *
 * Parts are told apart by line feeds, which no field value and no request target can hold.
 */
export function makeKey(
  req: RoutedMessage,
  headers: IncomingHttpHeaders,
  rules: KeyRules,
  parts: KeyParts,
): string {
  let key = parts.custom === undefined ? urlPart(req, headers) : `=${JSON.stringify(parts.custom)}`
  if (parts.depth > 0) key = `${parts.depth}${key}`
  for (const name of rules.keyHeaders) key += `\nh${part(name, joinLines(headers[name]))}`
  for (const name of rules.keyCookies) {
    const values = readCookies(headers.cookie, name)
    key += `\nc${part(encodeURIComponent(name), values.length === 0 ? undefined : values.join(';'))}`
  }
  return parts.scope === undefined ? key : `${key}\ns${encodeURIComponent(parts.scope)}`
}

/** The key of a variant of what `key` holds. */
export function makeVariantKey(key: string, selection: string): string {
  return `${key}\nv${selection}`
}

/** Whether `key` is that of a URL, or of a variant of what is stored for it. */
export function isKeyOf(urlKey: string, key: string): boolean {
  return key === urlKey || key.startsWith(`${urlKey}\nv`)
}

function urlPart(req: RoutedMessage, headers: IncomingHttpHeaders): string {
  const target = requestTarget(req)
  // HTTP/2 names the host in a pseudo-header.
  const host = headers.host ?? headers[':authority'] ?? ''
  const key = `${isEncrypted(req) ? '+' : '-'}${host}\n${target}${forwardingPart(headers)}`
  // Cut or rewritten on the way here, by something that may have looked at more than the URL.
  const { url = '', originalUrl } = req
  return originalUrl === undefined || originalUrl === url ? key : `${key}\nu${url}`
}

function forwardingPart(headers: IncomingHttpHeaders): string {
  let text = ''
  for (const [name, value] of readForwarding(headers)) text += `\nf${name}=${value}`
  return text
}

function part(name: string, value: string | undefined): string {
  return value === undefined ? name : `${name}=${value}`
}

function isEncrypted({ socket }: RoutedMessage): boolean {
  return 'encrypted' in socket && socket.encrypted === true
}
