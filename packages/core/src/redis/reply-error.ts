import { HotpathError } from '../base/errors.ts'

/**
 * Replies by which a server says that it cannot serve right now; all others are answers. Before
 * Redis 7 those from within a script stand in the middle of an error.
 */
const UNAVAILABLE = /^(LOADING|MASTERDOWN|CLUSTERDOWN|READONLY|TRYAGAIN|NOREPLICAS)\b|-READONLY\b/

/** Whether a server that can serve has answered with an error. */
export function isAnswer(error: Error): boolean {
  return error.name === 'ReplyError' && !UNAVAILABLE.test(error.message)
}

/** The error of a command that cannot be asked, or not be answered. */
export function unavailable(name: string, cause?: unknown): HotpathError {
  return new HotpathError('ERR_REDIS_UNAVAILABLE', `Redis is away: ${name} was not sent`, { cause })
}
