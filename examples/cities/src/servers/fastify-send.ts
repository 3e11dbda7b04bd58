import { cacheTags } from '@hotpath/fastify'
import type { FastifyReply } from 'fastify'
import type { Answer } from '../api/api.ts'

/** Sends an answer with Fastify. */
export function send(reply: FastifyReply, { status, body, tags, headers }: Answer): FastifyReply {
  if (tags !== undefined) cacheTags(reply, ...tags)
  if (headers !== undefined) reply.headers(headers)
  return reply.code(status).send(body)
}
