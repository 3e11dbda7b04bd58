import type { ServerResponse } from 'node:http'
import type { Fields } from './fields.ts'
import type { CheckedRequest } from './request-limiter.ts'

/** Fields that are lists: further limits of the same request add to them. */
const LISTS: ReadonlySet<string> = new Set(['RateLimit', 'RateLimit-Policy'])

/** Hands each field to `set`; where several limits hold for a request, the lists are joined. */
export function applyFields(
  fields: Fields,
  get: (name: string) => unknown,
  set: (name: string, value: string) => void,
): void {
  for (const name in fields) {
    const value = fields[name] as string
    const before = LISTS.has(name) ? get(name) : undefined
    set(name, typeof before === 'string' ? `${before}, ${value}` : value)
  }
}

/** Settles a request when its response has ended or its connection is gone, which may be already. */
export function settleOnClose(checked: CheckedRequest, response: ServerResponse): void {
  if (!checked.needsSettling) return
  const settle = (): void => checked.settle(response.statusCode, response.writableFinished)
  if (response.destroyed) settle()
  else response.once('close', settle)
}
