import { ageOf } from './answer.ts'
import type { Announced } from './live-responses.ts'
import type { Place } from './place.ts'
import { isInAudience } from './rules/audience.ts'
import { isConditional } from './rules/precondition.ts'
import { selectVariant } from './rules/selection.ts'
import type { Visit } from './visit.ts'

/** Whether a request may be sent a response while that is recorded: it wants all of it, and nothing else. */
export function canFollow<Req, C>({ req, headers, isForPart, directives }: Visit<Req, C>): boolean {
  const isPlain = req.method === 'GET' && !isForPart && !isConditional(headers)
  return isPlain && directives === undefined
}

/** Sends what is being recorded for another, if it is for this request as well; false if not. */
export function follow<Req, C>(
  visit: Visit<Req, C>,
  { reason }: Place,
  announced: Announced,
  nowMs: number,
): boolean {
  const { load, headMs, ttlMs } = announced
  const { res, policy, port, context, headers, credentials, statusSuffix } = visit
  if (visit.isForwarded || visit.isOver || load.isOvertaken) return false
  const { head } = announced
  const { vary, selection, audience, status, statusMessage } = head.parts
  if (!isInAudience(audience, credentials)) return false
  if (selectVariant(vary, headers) !== selection) return false
  port.takeOver(context)
  const ageMs = ageOf({ value: head, createdAtMs: headMs, freshUntilMs: 0 }, nowMs)
  const remainingMs = ttlMs - Math.max(nowMs - headMs, 0)
  const cacheName = policy.options.cacheStatus?.name
  const facts = { ageMs, ttlMs: remainingMs, via: reason, cacheName, suffix: statusSuffix }
  const fields = head.headOfHit(facts)
  if (statusMessage === '') res.writeHead(status, fields)
  else res.writeHead(status, statusMessage, fields)
  announced.share().follow(res)
  return true
}
