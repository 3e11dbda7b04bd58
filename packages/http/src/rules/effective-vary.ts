import { parseVary, type Vary } from '../fields/vary.ts'
import type { HeadView } from './head-view.ts'

const NONE: Vary = { kind: 'fields', names: [] }

/**
 * The Vary by which a response is kept: what it says, and what it gives away without saying so.
 *
 * A content that is encoded was encoded for clients that take it, and an
 * Access-Control-Allow-Origin that is the request's own Origin was made for that origin.
 */
export function readEffectiveVary(head: HeadView, requestOrigin: string | undefined): Vary {
  const value = head.get('vary')
  const encoding = head.get('content-encoding')?.toLowerCase() ?? 'identity'
  const allowed = head.get('access-control-allow-origin')
  const isForOrigin = allowed !== undefined && allowed === requestOrigin
  if (value === undefined && encoding === 'identity' && !isForOrigin) return NONE
  const vary = parseVary(value)
  if (vary.kind === 'unmatchable') return vary
  const names = new Set(vary.names)
  if (encoding !== 'identity') names.add('accept-encoding')
  if (isForOrigin) names.add('origin')
  return { kind: 'fields', names: [...names].sort() }
}
