import { systemRandom } from '@hotpath/core'
import { createSessionManager, type SessionOptions } from '@hotpath/session'
import { describe, expect, it } from 'vitest'
import { cookieSchema, resolveCookie } from '../../src/cookie/cookie-options.ts'
import { formatCookie } from '../../src/cookie/set-cookie.ts'
import { createKeyring } from '../../src/ids/keyring.ts'
import { SECRET } from '../harness.ts'

const wrong: [why: string, options: Partial<SessionOptions>, message: RegExp][] = [
  [
    'a short secret',
    { secret: 'short' },
    /secret: found text of length 5, wanted text of at least 32 characters/,
  ],
  ['no secret', { secret: undefined as never }, /secret: found undefined, wanted/],
  ['no secrets', { secret: [] }, /secret: found an empty list, wanted/],
  ['a short one of two', { secret: [SECRET, 'short'] }, /secret.1: found text of length 5/],
  [
    'a short key, never shown',
    { encryption: { keys: ['hunter2'] } },
    /^(?!.*hunter2).*encryption.keys.0: found text of length 7/,
  ],
  [
    'SameSite=None without secure',
    { cookie: { sameSite: 'none' } },
    /cookie.sameSite: found "none", wanted .*secure: true/,
  ],
  [
    'Partitioned without secure',
    { cookie: { partitioned: true } },
    /cookie.partitioned: found true, wanted secure: true/,
  ],
  [
    '__Host- with a domain',
    { cookie: { name: '__Host-x', domain: 'a.test' } },
    /cookie.domain: found "a.test", wanted none/,
  ],
  [
    '__Host- with a path',
    { cookie: { name: '__Host-x', path: '/app' } },
    /cookie.path: found "\/app", wanted "\/"/,
  ],
  [
    '__Secure- without secure',
    { cookie: { name: '__Secure-x', secure: false } },
    /cookie.secure: found false, wanted true/,
  ],
  [
    'an absolute timeout under the idle one',
    { idleTimeout: '1h', absoluteTimeout: '30m' },
    /absoluteTimeout: found 1800000, wanted no less than idleTimeout \(3600000\)/,
  ],
  [
    'touches rarer than the idle timeout',
    { idleTimeout: '1m', touchInterval: '1m' },
    /touchInterval: found 60000, wanted less than/,
  ],
  [
    'a schema that is none',
    { schema: {} as never },
    /schema: found .*, wanted a Standard Schema, such as zod makes/,
  ],
  [
    'a name longer than a cookie can bear',
    { cookie: { name: 'n'.repeat(101) } },
    /cookie.name: found "n+.*wanted/,
  ],
  [
    'a path that could end the attribute',
    { cookie: { path: '/a; Domain=evil.test' } },
    /cookie.path: found .*wanted/,
  ],
  ...['-a.test', 'a..test', `${'a'.repeat(64)}.test`].map(
    (domain): [string, Partial<SessionOptions>, RegExp] => [
      `the domain ${domain}`,
      { cookie: { domain } },
      /cookie.domain: found .*wanted a domain/,
    ],
  ),
  ['a path that no cookie can have', { cookie: { path: '/<' } }, /cookie.path: found "\/<"/],
  ['no time to be idle', { idleTimeout: 0 }, /idleTimeout: found 0, wanted more than 0/],
  ['no time for Redis', { ioTimeout: 0 }, /ioTimeout: found 0, wanted more than 0/],
  ['no session per user', { maxSessionsPerUser: 0 }, /maxSessionsPerUser: found 0, wanted/],
  ['an unknown option', { cookies: {} } as never, /cookies: unknown option/],
  [
    'a duration that is none',
    { idleTimeout: 'soon' as never },
    /idleTimeout: found "soon", wanted a duration/,
  ],
  ['a namespace with braces', { namespace: 'a{b}' }, /namespace: found "a\{b\}", wanted/],
]

describe('createSessionManager()', () => {
  it.each(wrong)('refuses %s, at once and by name', (_why, options, message) => {
    const create = () => createSessionManager({ secret: SECRET, ...options })

    expect(create).toThrow(message)
    expect(create).toThrow(/ERR_OPTION_INVALID/)
  })

  it('takes no cookie that could be longer than the 4096 bytes that browsers keep', () => {
    const longest = {
      name: `__Secure-${'n'.repeat(91)}`,
      path: `/${'p'.repeat(500)}`,
      domain: `${'d'.repeat(62)}.`.repeat(4).slice(0, 250),
      secure: true,
      partitioned: true,
      persistent: true,
    }
    const settings = resolveCookie(cookieSchema.parse(longest), true)
    const keyring = createKeyring([SECRET], systemRandom)
    const value = keyring.format(keyring.newId())

    const field = formatCookie(settings, value, 365 * 86_400_000)

    expect(Buffer.byteLength(field)).toBeLessThan(4096)
  })
})
