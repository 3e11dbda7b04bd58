import type { HeadView } from './head-view.ts'

/**
 * The URLs that a successful response to an unsafe method makes out of date (RFC 9111 section 4.4):
 * its target, and Location and Content-Location where they are on the same host. Each is a path with
 * its query.
 *
 * `target` is the request's path and query, `host` its Host field.
 */
export function listUnsafeTargets(
  head: HeadView,
  target: string,
  host: string | undefined,
): string[] {
  if (head.status < 200 || head.status >= 400) return []
  const base = parseUrl(target, `http://${host ?? ''}`) ?? parseUrl(target, 'http://localhost')
  if (base === undefined) return [target]
  const others = [head.get('location'), head.get('content-location')]
    .map((reference) => parseUrl(reference, base.href))
    .filter((url) => url?.host === base.host)
    .map((url) => `${url?.pathname}${url?.search}`)
  return [...new Set([target, ...others])]
}

function parseUrl(reference: string | undefined, base: string): URL | undefined {
  if (reference === undefined || !URL.canParse(reference, base)) return undefined
  return new URL(reference, base)
}
