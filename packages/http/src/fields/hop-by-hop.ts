import { splitList } from './list.ts'

/** Fields about one connection, never stored (RFC 9111 section 3.1, RFC 9110 section 7.6.1). */
const HOP_BY_HOP: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authentication-info',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/** Whether a response field, in lower case, is about the connection only. */
export function isHopByHop(name: string, connection: string | undefined): boolean {
  if (HOP_BY_HOP.has(name)) return true
  return connection !== undefined && splitList(connection.toLowerCase()).includes(name)
}
