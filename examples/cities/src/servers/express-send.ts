import { cacheTags } from '@hotpath/express'
import type { Response } from 'express'
import type { Answer } from '../api/api.ts'

/** Sends an answer with Express. */
export function send(res: Response, { status, body, tags, headers }: Answer): void {
  if (tags !== undefined) cacheTags(res, ...tags)
  if (headers !== undefined) res.set(headers)
  res.status(status).json(body)
}
