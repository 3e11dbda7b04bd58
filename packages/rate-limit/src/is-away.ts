import { HotpathError } from '@hotpath/core/base'

/** Whether Redis could not be asked, or answered with an error of its own: no room, read only. */
export function isAway(error: unknown): boolean {
  return (
    (error instanceof HotpathError && /^ERR_REDIS_/.test(error.code)) ||
    (error instanceof Error && error.name === 'ReplyError')
  )
}
