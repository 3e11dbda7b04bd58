import type { IncomingHttpHeaders } from 'node:http'
import { z } from 'zod'
import { joinLines } from '../fields/list.ts'
import { parseSurrogateTags } from '../fields/surrogate-tags.ts'
import type { PurgeTarget } from '../response-cache.ts'
import { PurgeProblem } from './purge-answer.ts'

/** What a sender wants purged. */
export interface PurgeOrder {
  readonly target: PurgeTarget
  readonly soft: boolean
}

const MOST_TARGETS = 256
const LONGEST_TARGET = 8_000

const text = z.string().min(1).max(LONGEST_TARGET)
const texts = text.or(z.array(text).min(1).max(MOST_TARGETS))
const soft = z.boolean().default(false)

const bodySchema = z.union([
  z.strictObject({ url: texts, soft }),
  z.strictObject({ tag: texts, soft }),
  z.strictObject({ prefix: texts, soft }),
])

/** Reads the JSON of a POST. */
export function parseBody(body: unknown): PurgeOrder {
  const parsed = bodySchema.safeParse(body)
  if (!parsed.success) throw new PurgeProblem(400, WANTED)
  const { soft: isSoft, ...target } = parsed.data
  return { target, soft: isSoft }
}

const WANTED = `Wanted one of url, tag and prefix, text or a list of at most ${MOST_TARGETS}, and soft, true or false, if anything`

/** Reads the fields of a PURGE: the tags that it names, else its own URL. */
export function readFields(headers: IncomingHttpHeaders, url: string): PurgeOrder {
  const tags = parseSurrogateTags(
    joinLines(headers['cache-tag']),
    joinLines(headers['surrogate-key']),
  )
  if (tags.length > MOST_TARGETS) throw new PurgeProblem(400, `Wanted at most ${MOST_TARGETS} tags`)
  const isSoft = joinLines(headers['soft-purge']) === '1'
  return { target: tags.length > 0 ? { tag: tags } : { url }, soft: isSoft }
}
