import type { IncomingHttpHeaders } from 'node:http'
import { describe, expect, it } from 'vitest'
import { parseResponseDirectives } from '../../src/fields/cache-control.ts'
import { type Audience, isInAudience, readAudience } from '../../src/rules/audience.ts'
import {
  type Credentials,
  readCredentials,
  resolveCredentialRules,
} from '../../src/rules/credentials.ts'
import { decideEligibility } from '../../src/rules/eligibility.ts'
import { readInitialAge } from '../../src/rules/initial-age.ts'
import { readLifetime } from '../../src/rules/lifetime.ts'
import { makePrivate } from '../../src/rules/private-control.ts'
import { readRequestControl } from '../../src/rules/request-control.ts'
import { decideReuse } from '../../src/rules/reuse.ts'
import { selectVariant } from '../../src/rules/selection.ts'
import { listUnsafeTargets } from '../../src/rules/unsafe-targets.ts'
import { headOf } from './head-of.ts'

const NOW = Date.UTC(2026, 0, 1, 12)
const at = (ms: number): string => new Date(NOW + ms).toUTCString()

describe('readLifetime() (RFC 9111 section 4.2.1)', () => {
  const unsaid = { kind: 'unsaid' }
  const explicit = (ms: number): object => ({ kind: 'explicit', ms })

  it.each([
    ['s-maxage=10, max-age=20', at(30_000), undefined, explicit(10_000)],
    ['max-age=20', at(30_000), undefined, explicit(20_000)],
    ['max-age=x', at(30_000), undefined, explicit(0)],
    [undefined, at(30_000), at(0), explicit(30_000)],
    [undefined, at(30_000), at(10_000), explicit(20_000)],
    [undefined, at(30_000), 'no date', explicit(30_000)],
    [undefined, at(30_000), undefined, explicit(30_000)],
    [undefined, at(-1_000), at(0), explicit(0)],
    [undefined, '0', undefined, explicit(0)],
    [undefined, `${at(1_000)}, ${at(2_000)}`, undefined, explicit(0)],
    [undefined, undefined, at(0), unsaid],
    ['public', undefined, undefined, unsaid],
  ])('Cache-Control: %s, Expires: %s, Date: %s', (cacheControl, expires, date, expected) => {
    const directives = parseResponseDirectives(cacheControl)

    expect(readLifetime({ directives, expires, date }, NOW)).toEqual(expected)
  })
})

describe('readInitialAge() (RFC 9111 section 4.2.3)', () => {
  it.each([
    [undefined, undefined, 5_000, 0],
    ['10', undefined, 0, 10_000],
    ['10', undefined, 2_500, 12_500],
    [undefined, at(-20_000), 5_000, 20_000],
    ['10', at(-20_000), 0, 20_000],
    ['30', at(-20_000), 0, 30_000],
    [undefined, at(20_000), 0, 0],
    [undefined, 'no date', 0, 0],
    ['old', at(0), 0, 0],
  ])('Age: %s, Date: %s, after %i ms', (age, date, delayMs, expected) => {
    expect(readInitialAge({ age, date }, delayMs, NOW)).toBe(expected)
  })

  it('does not take the second that a Date is cut to for age', () => {
    expect(readInitialAge({ age: undefined, date: at(0) }, 0, NOW + 999)).toBe(0)
  })
})

describe('audience (RFC 9111 section 3.5)', () => {
  it.each<[string | undefined, boolean, Audience]>([
    ['public', false, 'anyone'],
    ['public, max-age=1', true, 'anyone'],
    ['s-maxage=1', true, 'anyone'],
    ['must-revalidate, max-age=1', true, 'anyone'],
    ['must-revalidate', false, 'anonymous'],
    ['max-age=1', true, 'unauthorized'],
    [undefined, false, 'anonymous'],
  ])('of Cache-Control: %s', (cacheControl, isExplicit, audience) => {
    expect(readAudience(parseResponseDirectives(cacheControl), isExplicit)).toBe(audience)
  })

  it.each<[Audience, Credentials, boolean]>([
    ['anyone', 'none', true],
    ['anyone', 'ambient', true],
    ['anyone', 'authorization', true],
    ['unauthorized', 'none', true],
    ['unauthorized', 'ambient', true],
    ['unauthorized', 'authorization', false],
    ['anonymous', 'none', true],
    ['anonymous', 'ambient', false],
    ['anonymous', 'authorization', false],
  ])('%s with credentials %s: %s', (audience, credentials, expected) => {
    expect(isInAudience(audience, credentials)).toBe(expected)
  })
})

describe('readCredentials()', () => {
  it.each<[IncomingHttpHeaders, string[], boolean, Credentials]>([
    [{}, [], false, 'none'],
    [{ cookie: 'a=1' }, [], false, 'ambient'],
    [{ cookie: 'a=1' }, [], true, 'none'],
    [{ cookie: 'a=1' }, ['cookie'], false, 'none'],
    [{ 'x-api-key': '1' }, [], true, 'ambient'],
    [{ 'x-api-key': '1' }, ['x-api-key'], false, 'none'],
    [{ authorization: 'a' }, [], true, 'authorization'],
    [{ authorization: 'a', cookie: 'a=1' }, ['authorization'], false, 'ambient'],
    [{ authorization: 'a' }, ['authorization'], false, 'none'],
  ])('of %o, keyed by %o, cookies declared: %s', (headers, keyHeaders, declared, expected) => {
    expect(readCredentials(headers, resolveCredentialRules(keyHeaders, declared))).toBe(expected)
  })
})

describe('decideEligibility()', () => {
  it.each<[string, IncomingHttpHeaders, string]>([
    ['GET', {}, 'eligible'],
    ['HEAD', {}, 'eligible'],
    ['GET', { 'content-length': '0' }, 'eligible'],
    ['GET', { 'content-length': '1' }, 'body'],
    ['GET', { 'transfer-encoding': 'chunked' }, 'body'],
    ['GET', { range: 'bytes=0-' }, 'range'],
    ['GET', { 'if-match': '*' }, 'precondition'],
    ['GET', { 'if-unmodified-since': 'x' }, 'precondition'],
    ['GET', { upgrade: 'websocket' }, 'upgrade'],
    ['GET', { accept: 'text/html, text/event-stream' }, 'event-stream'],
    ['GET', { 'x-http-method-override': 'PUT' }, 'override'],
    ['GET', { 'x-rewrite-url': '/' }, 'override'],
    ['OPTIONS', {}, 'method'],
    ['TRACE', {}, 'method'],
    ['POST', {}, 'unsafe'],
    ['get', {}, 'unsafe'],
    ['UNHEARD-OF', {}, 'unsafe'],
  ])('%s %o: %s', (method, headers, expected) => {
    expect(decideEligibility(method, headers)).toBe(expected)
  })
})

describe('decideReuse() (RFC 9111 sections 4 and 5.2.1)', () => {
  it.each([
    [undefined, 'use'],
    ['max-age=10', 'use'],
    ['max-age=9', 'reload'],
    ['min-fresh=20', 'use'],
    ['min-fresh=21', 'reload'],
    ['no-cache', 'reload'],
    ['max-stale=5', 'use'],
  ])('10 s old, 20 s left, Cache-Control: %s: %s', (cacheControl, expected) => {
    const headers = cacheControl === undefined ? {} : { 'cache-control': cacheControl }
    const directives = readRequestControl(headers)
    const stored = { audience: 'unauthorized', ageMs: 10_000, remainingMs: 20_000 } as const

    expect(decideReuse(stored, { credentials: 'none', directives })).toBe(expected)
    expect(decideReuse(stored, { credentials: 'authorization', directives })).toBe(
      'not-for-this-client',
    )
  })
})

describe('a request that asks for max-age=0', () => {
  it.each([
    [0, 'max-age=0', 'reload'],
    [0, 'max-age=1', 'use'],
  ])('%i ms old, Cache-Control: %s: %s', (ageMs, cacheControl, expected) => {
    const directives = readRequestControl({ 'cache-control': cacheControl })
    const stored = { audience: 'unauthorized', ageMs, remainingMs: 20_000 } as const

    expect(decideReuse(stored, { credentials: 'none', directives })).toBe(expected)
  })
})

describe('selectVariant() (RFC 9111 section 4.1)', () => {
  it('tells a field that is missing from one that is empty', () => {
    expect(selectVariant(['x-a'], {})).not.toBe(selectVariant(['x-a'], { 'x-a': '' }))
  })

  it('tells values apart wherever they stand', () => {
    const names = ['x-a', 'x-b']

    expect(selectVariant(names, { 'x-a': '1' })).not.toBe(selectVariant(names, { 'x-b': '1' }))
    expect(selectVariant(names, { 'x-a': '1, x-b=2' })).not.toBe(
      selectVariant(names, { 'x-a': '1', 'x-b': '2' }),
    )
  })

  it('is the same for values that mean the same', () => {
    const one = selectVariant(['accept-encoding'], { 'accept-encoding': 'gzip, br;q=0.9' })

    expect(selectVariant(['accept-encoding'], { 'accept-encoding': 'br,GZIP' })).toBe(one)
  })
})

describe('listUnsafeTargets() (RFC 9111 section 4.4)', () => {
  it.each([
    [200, {}, ['/a?b=1']],
    [303, { location: '/c' }, ['/a?b=1', '/c']],
    [201, { location: 'd?e', 'content-location': 'http://host/f' }, ['/a?b=1', '/d?e', '/f']],
    [201, { location: 'http://other/c', 'content-location': 'http://[' }, ['/a?b=1']],
    [400, { location: '/c' }, []],
    [500, {}, []],
    [100, {}, []],
  ])('%i with %o', (status, fields, targets) => {
    expect(listUnsafeTargets(headOf(status, fields), '/a?b=1', 'host')).toEqual(targets)
  })

  it('knows the target even where the host is none', () => {
    expect(listUnsafeTargets(headOf(200, {}), '/a', 'not a host')).toEqual(['/a'])
  })
})

describe('makePrivate()', () => {
  it.each([
    [undefined, 'private'],
    ['max-age=60', 'private, max-age=60'],
    ['public, s-maxage=9, max-age=60', 'private, max-age=60'],
    ['private="x-a", no-transform', 'private, no-transform'],
    ['private, max-age=60', 'private, max-age=60'],
    ['no-store', 'no-store'],
  ])('%s becomes %s', (cacheControl, expected) => {
    expect(makePrivate(cacheControl)).toBe(expected)
  })
})
