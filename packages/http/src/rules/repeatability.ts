import type { CredentialRules } from './credentials.ts'

/**
 * Whether a response can be fetched anew by a request that carries nothing of what identifies the
 * one whose request brought it: not from a user's own partition, nor where Vary names what is one
 * user's and not part of the key.
 */
export function isRepeatable(
  vary: readonly string[],
  isPartitioned: boolean,
  { isAuthorizationKeyed, isCookieKeyed, ambientFields }: CredentialRules,
): boolean {
  if (isPartitioned) return false
  return !vary.some((name) => {
    if (name === 'authorization') return !isAuthorizationKeyed
    return name === 'cookie' ? !isCookieKeyed : ambientFields.includes(name)
  })
}
