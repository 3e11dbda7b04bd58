import { splitList } from '../fields/list.ts'

/**
 * The Cache-Control with which one user's response is sent on: `private`, so that no shared cache
 * further out keeps what is kept here for that user alone.
 */
export function makePrivate(cacheControl: string | undefined): string {
  const members = splitList(cacheControl ?? '')
  const names = members.map((member) => member.split('=', 1)[0]?.trim().toLowerCase())
  if (names.includes('no-store') || members.some((member) => member.toLowerCase() === 'private')) {
    return cacheControl as string
  }
  const kept = members.filter((_, index) => !SHARED.has(names[index] ?? ''))
  return ['private', ...kept].join(', ')
}

const SHARED: ReadonlySet<string> = new Set(['public', 's-maxage', 'private', 'proxy-revalidate'])
