import type { IncomingHttpHeaders } from 'node:http'
import { parseRequestDirectives, type RequestDirectives } from '../fields/cache-control.ts'
import { joinLines } from '../fields/list.ts'

/** The request's own Cache-Control, or Pragma where it has none; `undefined` when it has neither. */
export function readRequestControl(headers: IncomingHttpHeaders): RequestDirectives | undefined {
  const cacheControl = headers['cache-control']
  const pragma = joinLines(headers.pragma)
  if (cacheControl === undefined && pragma === undefined) return undefined
  return parseRequestDirectives(cacheControl, pragma)
}
