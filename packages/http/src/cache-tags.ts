import type { ServerResponse } from 'node:http'
import { invalidOption } from '@hotpath/core/base'
import { parseSurrogateTags, SURROGATE_TAG_FIELDS } from './fields/surrogate-tags.ts'
import type { ResponseHead } from './recording/response-head.ts'

const TAGS = Symbol('hotpath.http.tags')

interface Tagged {
  [TAGS]?: string[]
}

const LONGEST_TAG = 500

/** A response may carry this many, beside those by which its URL is purged. */
export const MOST_TAGS = 100

/**
 * Puts tags on the response that is being made, under which `purge({ tag })` finds it if it is kept.
 * May be called any number of times before the head is written; later calls have no effect.
 *
 * Throws `ERR_OPTION_INVALID` for a tag that is not text of 1 to 500 characters.
 *
 * @example
 * ```ts
 * app.get('/cities/:id', async (req, res) => {
 *   cacheTags(res, `city:${req.params.id}`)
 *   res.json(await findCity(req.params.id))
 * })
 * ```
 */
export function cacheTags(res: ServerResponse, ...tags: string[]): void {
  for (const tag of tags) {
    if (!isTag(tag)) throw invalidOption('cacheTags', tag, 'text of 1 to 500 characters')
  }
  const tagged = res as Tagged
  tagged[TAGS] = [...(tagged[TAGS] ?? []), ...tags]
}

/** The tags that a handler has put on its response; its tag fields are taken out. */
export function takeTags(res: ServerResponse, head: ResponseHead): string[] {
  const [cacheTag, surrogateKey] = SURROGATE_TAG_FIELDS.map((name) => head.get(name))
  if (cacheTag !== undefined || surrogateKey !== undefined) {
    for (const name of SURROGATE_TAG_FIELDS) res.removeHeader(name)
  }
  return [...((res as Tagged)[TAGS] ?? []), ...parseSurrogateTags(cacheTag, surrogateKey)]
}

/** Whether a response with these tags could be purged by each of them. */
export function areTagsUsable(tags: readonly string[]): boolean {
  return tags.length <= MOST_TAGS && tags.every(isTag)
}

function isTag(tag: unknown): boolean {
  return typeof tag === 'string' && tag !== '' && tag.length <= LONGEST_TAG
}
