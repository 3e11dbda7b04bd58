import { invalidOption } from '@hotpath/core/base'
import { SessionUnavailableError } from '../errors.ts'
import { handleOf, parseHandle, type SessionContext } from '../session/context.ts'
import { DEVICE } from '../session/describe-session.ts'
import { checkUserId } from '../session/session.ts'
import type { SessionInfo, SessionManager } from './session-manager.ts'

type Administration = Pick<
  SessionManager,
  'list' | 'revoke' | 'revokeAll' | 'revokeEveryone' | 'erase'
>

/** What can be done with sessions from outside of their own requests. */
export function createAdministration(context: SessionContext): Administration {
  const { store, keyring } = context
  const revokeAll = async (userId: string, except: string | undefined): Promise<number> => {
    checkUserId(userId)
    const kept = except === undefined ? undefined : refOf('except', except)
    const ended = keyring.userRefs(userId).map((user) => store.endAll(user, kept?.hash))
    return (await available(Promise.all(ended))).reduce((sum, count) => sum + count, 0)
  }
  return {
    async list(userId) {
      checkUserId(userId)
      return await available(list(context, userId))
    },
    async revoke(handle, { userId } = {}) {
      const owners = userId === undefined ? undefined : keyring.userRefs(userId)
      if (typeof handle !== 'string') throw invalidOption('handle', handle, 'text')
      // Handles come out of URLs: what is none names no session.
      const ref = parseHandle(handle)
      return ref !== undefined && (await available(store.end(ref, { owners }))) !== undefined
    },
    revokeAll: (userId, { except } = {}) => revokeAll(userId, except),
    revokeEveryone: () => available(store.endEveryone()),
    async erase(userId) {
      await revokeAll(userId, undefined)
    },
  }
}

async function list(context: SessionContext, userId: string): Promise<SessionInfo[]> {
  const { store, keyring, sealer } = context
  const found = await Promise.all(
    keyring.userRefs(userId).map(async (user) =>
      (await store.list(user)).map(({ hash, createdMs, touchedMs, device }) => ({
        handle: handleOf({ shard: user.shard, hash }),
        device: (sealer === undefined ? device : sealer.open(device, DEVICE)) || undefined,
        createdAt: new Date(createdMs),
        lastSeenAt: new Date(touchedMs),
      })),
    ),
  )
  return found.flat().sort((left, right) => right.lastSeenAt.getTime() - left.lastSeenAt.getTime())
}

function refOf(name: string, handle: string): NonNullable<ReturnType<typeof parseHandle>> {
  const ref = typeof handle === 'string' ? parseHandle(handle) : undefined
  if (ref === undefined) throw invalidOption(name, handle, 'the handle of a session')
  return ref
}

async function available<T>(result: Promise<T>): Promise<T> {
  try {
    return await result
  } catch (error) {
    const code = (error as { code?: unknown }).code
    if (code !== 'ERR_REDIS_UNAVAILABLE' && code !== 'ERR_REDIS_TIMEOUT') throw error
    throw new SessionUnavailableError(error)
  }
}
