import { cacheTags as tagResponse } from '@hotpath/http'
import type { FastifyReply } from 'fastify'

/**
 * Puts tags on the reply that is being made, under which `purge({ tag })` finds it if it is kept.
 * May be called any number of times before the reply is sent; later calls have no effect.
 *
 * Throws `ERR_OPTION_INVALID` for a tag that is not text of 1 to 500 characters.
 *
 * @example
 * ```ts
 * app.get('/cities/:id', async (request, reply) => {
 *   cacheTags(reply, `city:${request.params.id}`)
 *   return findCity(request.params.id)
 * })
 * ```
 */
export function cacheTags(reply: FastifyReply, ...tags: string[]): void {
  tagResponse(reply.raw, ...tags)
}
