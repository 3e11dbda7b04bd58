import {
  parseResponseDirectives,
  type ResponseDirectives,
  readDirectives,
} from '../fields/cache-control.ts'
import { parseTargetedControl } from '../fields/targeted-control.ts'
import type { HeadView } from './head-view.ts'

/** What a response says of how it may be cached here. */
export interface ResponseControl {
  readonly directives: ResponseDirectives
  /** The Expires field, where it counts. */
  readonly expires: string | undefined
}

/**
 * Reads the first of `targets`, field names in lower case, that the response has and that is well
 * formed; then Cache-Control and Expires do not count (RFC 9213 section 2.2). Without one, they do.
 */
export function readControl(head: HeadView, targets: readonly string[]): ResponseControl {
  for (const name of targets) {
    const value = head.get(name)
    const directives = value === undefined ? undefined : parseTargetedControl(value)
    if (directives !== undefined) {
      return { directives: readDirectives(directives), expires: undefined }
    }
  }
  const directives = parseResponseDirectives(head.get('cache-control'))
  return { directives, expires: head.get('expires') }
}

/**
 * Whether it must be validated before each use: `no-cache`, or a `Pragma: no-cache` where there is no
 * Cache-Control, as many mean it.
 */
export function demandsValidation(head: HeadView, { directives }: ResponseControl): boolean {
  if (directives.noCache) return true
  return !directives.isPresent && head.get('pragma')?.toLowerCase().includes('no-cache') === true
}
