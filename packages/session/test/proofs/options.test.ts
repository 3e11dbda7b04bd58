import { createSessionManager, type SessionOptions } from '@hotpath/session'
import { describe, expect, it } from 'vitest'
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
})
