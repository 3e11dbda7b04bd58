import type { ServerResponse } from 'node:http'
import { takeTags } from './cache-tags.ts'
import { type ForwardReason, formatForward } from './fields/cache-status.ts'
import { joinLines } from './fields/list.ts'
import { interceptHead } from './recording/intercept-head.ts'
import type { ResponseHead } from './recording/response-head.ts'
import { makePrivate } from './rules/private-control.ts'
import type { Visit } from './visit.ts'

/** Adds this cache's member to Cache-Status, after those of caches nearer to the handler. */
export function addCacheStatus<Req, C>(
  { res, statusSuffix }: Visit<Req, C>,
  formatted: string,
): void {
  const member = formatted + statusSuffix
  const earlier = joinLines(res.getHeader('cache-status'))
  res.setHeader('Cache-Status', earlier === undefined ? member : `${earlier}, ${member}`)
}

/** Sees to it that one user's response is kept by no shared cache further out. */
export function markPrivate(res: ServerResponse, head: ResponseHead): void {
  res.setHeader('Cache-Control', makePrivate(head.get('cache-control')))
}

/** Why a request is passed on without its response being kept, in the words of Cache-Status. */
export interface PassReason {
  readonly reason: ForwardReason
  readonly detail?: string | undefined
}

/** Passes a request on to the handler; its response is not kept. */
export function pass<Req, C>(
  visit: Visit<Req, C>,
  { reason, detail }: PassReason,
  onHead?: (head: ResponseHead) => void,
): void {
  const { res, policy, scope } = visit
  const name = policy.options.cacheStatus?.name
  interceptHead(res, {
    beforeHead(head) {
      takeTags(res, head)
      if (scope !== undefined) markPrivate(res, head)
      if (name !== undefined) addCacheStatus(visit, formatForward(name, reason, { detail }))
      onHead?.(head)
    },
  })
  visit.proceed(() => {})
}
