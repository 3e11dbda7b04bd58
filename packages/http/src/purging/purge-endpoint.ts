import type { IncomingMessage, ServerResponse } from 'node:http'
import { functionSchema, givenSchema, resolveOptions } from '@hotpath/core/base'
import { z } from 'zod'
import { type RoutedMessage, requestTarget, splitTarget } from '../keys/request-target.ts'
import { isResponseCache, type ResponseCache } from '../response-cache.ts'
import { PurgeProblem, sendAnswer, sendProblem } from './purge-answer.ts'
import { readPurgeBody } from './purge-body.ts'
import { type PurgeOrder, parseBody, readFields } from './purge-order.ts'
import { MOST_AT_ONCE, PurgeQueue, tooManyPurges } from './purge-queue.ts'

/** Options of a purge endpoint. */
export interface PurgeEndpointOptions<Req = IncomingMessage> {
  /** What is purged: one made by `createResponseCache`, or the `responseCache` of a middleware. */
  responseCache: Pick<ResponseCache<Req>, 'purge'>
  /** Whether the sender may purge. There is no default: whoever may purge can put the whole load on the app. */
  authorize: (request: Req) => boolean | Promise<boolean>
  /** Where POST is answered, as a whole path or below where the endpoint is mounted. @defaultValue `'/purge'` */
  path?: string | undefined
}

/** Purging by HTTP, as an adapter uses it. */
export interface PurgeEndpoint<Req> {
  /** Whether a request is for this endpoint: PURGE of any URL, or POST to its path. */
  isFor(req: RoutedMessage): boolean
  /**
   * Answers a request. `body` is what a parser before has made of its body, if one has. Rejects with
   * what `authorize` throws.
   */
  answer(request: Req, req: RoutedMessage, res: ServerResponse, body?: unknown): Promise<void>
}

interface ParsedOptions<Req> {
  responseCache: Pick<ResponseCache<Req>, 'purge'>
  authorize: (request: Req) => boolean | Promise<boolean>
  path: string
}

function optionsSchema<Req>(): z.ZodType<ParsedOptions<Req>> {
  return z.strictObject({
    responseCache: givenSchema<ResponseCache<Req>>('a response cache', (input) =>
      isResponseCache(input as ResponseCache<Req>),
    ),
    authorize: functionSchema<(request: Req) => boolean | Promise<boolean>>(),
    path: z.string().startsWith('/').default('/purge'),
  })
}

/**
 * Makes an endpoint by which responses are purged over HTTP, for adapters: `purgeRouter` of
 * `@hotpath/express`, `purgePlugin` of `@hotpath/fastify`.
 *
 * `POST <path>` with `{ "url" | "tag" | "prefix": text or a list, "soft"?: true }` as JSON; `PURGE
 * <url>`, or with tags in Cache-Tag or Surrogate-Key, and softly with `Soft-Purge: 1`. Answers 200
 * and `{ "applied": "everywhere" | "queued" | "local" }`; 400, 403, 413, 415 and 429 as problem
 * details (RFC 9457). Of equal purges at one time those after the first share one. Wrong options
 * throw `ERR_OPTION_INVALID`.
 */
export function createPurgeEndpoint<Req = IncomingMessage>(
  options: PurgeEndpointOptions<Req>,
  entryPoint = 'createPurgeEndpoint',
): PurgeEndpoint<Req> {
  const { responseCache, authorize, path } = resolveOptions(
    entryPoint,
    optionsSchema<Req>(),
    options,
  )
  const queue = new PurgeQueue(({ target, soft }) => responseCache.purge(target, { soft }))
  let reading = 0

  const readBody = async (req: RoutedMessage): Promise<unknown> => {
    if (reading >= MOST_AT_ONCE) throw tooManyPurges()
    reading += 1
    try {
      return await readPurgeBody(req)
    } finally {
      reading -= 1
    }
  }

  const readOrder = async (req: RoutedMessage, body: unknown): Promise<PurgeOrder> =>
    req.method === 'PURGE'
      ? readFields(req.headers, requestTarget(req))
      : parseBody(body ?? (await readBody(req)))

  const isAtPath = ({ url = '/', originalUrl = url }: RoutedMessage): boolean =>
    [url, originalUrl].some((target) => splitTarget(target).path === path)

  return {
    isFor: (req) => req.method === 'PURGE' || (req.method === 'POST' && isAtPath(req)),
    async answer(request, req, res, body) {
      const isAllowed = (await authorize(request)) === true
      try {
        if (!isAllowed) throw new PurgeProblem(403, 'Purging needs authorization')
        sendAnswer(res, await queue.run(await readOrder(req, body)))
      } catch (error) {
        sendProblem(res, error)
      }
    },
  }
}
