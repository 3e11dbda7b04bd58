import { splitList } from './list.ts'

/** Response fields that name tags for caches and are taken out before the client sees them, in lower case. */
export const SURROGATE_TAG_FIELDS: readonly ['cache-tag', 'surrogate-key'] = [
  'cache-tag',
  'surrogate-key',
]

/** The tags of a `Cache-Tag` field (separated by commas) and of a `Surrogate-Key` field (by spaces). */
export function parseSurrogateTags(
  cacheTag: string | undefined,
  surrogateKey: string | undefined,
): string[] {
  const keys = surrogateKey?.split(/[\s,]+/).filter((key) => key !== '') ?? []
  return [...splitList(cacheTag ?? ''), ...keys]
}
