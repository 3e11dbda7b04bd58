import type { NewSession } from '../store/session-store.ts'
import type { SessionContext } from './context.ts'
import type { SlotCodec } from './slots.ts'

/** What the user's id is sealed about. */
export const OWNER = '~owner'
/** What the device is sealed about. */
export const DEVICE = '~device'

/** Whose session it is, and on what. */
export interface Owner {
  readonly userId: string
  readonly device: string | undefined
}

/** A session as the store takes it. */
export function describeSession(
  { keyring, version }: SessionContext,
  codec: SlotCodec,
  texts: ReadonlyMap<string, string>,
  owner: Owner | undefined,
): NewSession {
  const seal = (key: string, text: string): string => (text === '' ? '' : codec.seal(key, text))
  return {
    user: owner && keyring.userRefs(owner.userId)[0],
    owner: seal(OWNER, owner?.userId ?? ''),
    device: seal(DEVICE, owner?.device ?? ''),
    schemaVersion: version,
    fields: new Map([...texts].map(([key, text]) => [key, codec.seal(key, text)])),
  }
}
