import type { IncomingMessage } from 'node:http'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { makeKey, makeVariantKey } from '../../src/keys/cache-key.ts'
import { fingerprint } from '../../src/keys/fingerprint.ts'
import { prefixTag, tagsOfTarget, urlTag } from '../../src/keys/purge-tags.ts'
import { dropParsed, normaliseQuery } from '../../src/keys/query.ts'

interface Asked {
  host: string
  url: string
  forwarded?: string | undefined
  header?: string | undefined
  cookie?: string | undefined
  scope?: string | undefined
  depth?: number | undefined
  custom?: string | undefined
}

function keyOf({ host, url, forwarded, header, cookie, ...parts }: Asked): string {
  const headers = {
    host,
    ...(forwarded !== undefined && { 'x-forwarded-host': forwarded }),
    ...(header !== undefined && { 'x-key': header }),
    ...(cookie !== undefined && { cookie: `c=${cookie}` }),
  }
  // As much of a request as a key is made of.
  const req = { url, headers, socket: {} } as unknown as IncomingMessage
  const rules = { keyHeaders: ['x-key'], keyCookies: ['c'] }
  const { depth = 0, custom, scope } = parts
  return makeKey(req, headers, rules, { depth, custom, scope })
}

describe('makeKey()', () => {
  it('differs for requests that differ in anything that counts', () => {
    // What cannot stand in a field or a request target: control characters.
    const text = fc.string({ maxLength: 4 }).map((value) => value.replace(/[^!-~]/g, '\\'))
    const cookie = text.map((value) => value.replace(/[;\s]/g, ''))
    const asked = fc.record({
      host: text,
      url: text.map((value) => `/${value}`),
      forwarded: fc.option(text, { nil: undefined }),
      header: fc.option(text, { nil: undefined }),
      cookie: fc.option(cookie, { nil: undefined }),
      scope: fc.option(fc.string({ maxLength: 4 }), { nil: undefined }),
      depth: fc.integer({ min: 0, max: 2 }),
    })
    fc.assert(
      fc.property(asked, asked, (one, other) => {
        const isSame = JSON.stringify(one) === JSON.stringify(other)

        expect(keyOf(one) === keyOf(other)).toBe(isSame)
      }),
      { numRuns: 2_000 },
    )
  })

  it.each<[string, Asked, Asked]>([
    ['a host that ends in a path', { host: 'a/b', url: '/c' }, { host: 'a', url: '/b/c' }],
    [
      'a scope that looks like a variant',
      { host: 'a', url: '/', scope: 'x\nvy' },
      { host: 'a', url: '/', scope: 'x' },
    ],
    [
      'a key of its own that looks like a host',
      { host: 'a', url: '/', custom: '-a\n/' },
      { host: 'a', url: '/' },
    ],
  ])('tells apart %s', (_name, one, other) => {
    expect(keyOf(one)).not.toBe(keyOf(other))
    expect(keyOf(one)).not.toBe(makeVariantKey(keyOf(other), 'y'))
  })
})

describe('normaliseQuery()', () => {
  const all = { allow: undefined, ignore: undefined, sort: false }

  it.each([
    ['/a', { ...all, ignore: ['x'] }, '/a', []],
    ['/a?x=1', { ...all, ignore: ['x'] }, '/a', ['x']],
    ['/a?y&x=1&z=2', { ...all, ignore: ['x'] }, '/a?y&z=2', ['x']],
    ['/a?xx=1&x[]=2', { ...all, ignore: ['x'] }, '/a?xx=1&x[]=2', []],
    ['/a?utm_a=1&b=2', { ...all, ignore: [/^utm_/g] }, '/a?b=2', ['utm_a']],
    ['/a?x=1&y=2', { ...all, allow: ['y'] }, '/a?y=2', ['x']],
    ['/a?b=2&a=1&b=1', { ...all, sort: true }, '/a?a=1&b=2&b=1', []],
    ['/a?x=1?y=2', { ...all, ignore: ['y'] }, '/a?x=1?y=2', []],
    ['/a?&&x=1&', { ...all, sort: true }, '/a?x=1', []],
  ])('%s by %o', (target, rules, expected, dropped) => {
    expect(normaliseQuery(target, rules)).toEqual({ target: expected, dropped })
  })

  it('changes nothing the second time', () => {
    const rules = { allow: undefined, ignore: ['a', /^b/], sort: true }
    fc.assert(
      fc.property(fc.string(), (query) => {
        const { target } = normaliseQuery(`/p?${query}`, rules)

        expect(normaliseQuery(target, rules)).toEqual({ target, dropped: [] })
      }),
    )
  })
})

describe('dropParsed()', () => {
  it('takes parameters out of what a framework has parsed', () => {
    const query = { a: '1', b: { c: '2' }, 'd e': '3', keep: '4' }

    dropParsed(query, ['a', 'b[c]', 'd+e', '%E0%A4%A'])

    expect(query).toEqual({ keep: '4' })
  })

  it('leaves alone what is no query', () => {
    expect(() => dropParsed(undefined, ['a'])).not.toThrow()
  })
})

describe('purge tags', () => {
  it.each([
    ['/', ['http:url:/']],
    ['/a', ['http:url:/a', 'http:under:/a']],
    ['/a/', ['http:url:/a/', 'http:under:/a']],
    ['/a//b?c=d', ['http:url:/a//b?c=d', 'http:under:/a', 'http:under:/a/b']],
    ['http://host/a', ['http:url:/a', 'http:under:/a']],
    ['/%C3%A9', ['http:url:/é', 'http:under:/é']],
    ['/a/../b', ['http:url:/b', 'http:under:/b']],
    ['//host/a', ['http:url://host/a', 'http:under:/host', 'http:under:/host/a']],
    ['/%zz', ['http:url:/%zz', 'http:under:/%zz']],
    ['*', ['http:url:/*', 'http:under:/*']],
  ])('of %s', (target, tags) => {
    expect(tagsOfTarget(target)).toEqual(tags)
  })

  it('go four segments deep, and a deeper prefix reaches up to there', () => {
    expect(tagsOfTarget('/a/b/c/d/e')).toHaveLength(5)
    expect(prefixTag('/a/b/c/d/e')).toBe('http:under:/a/b/c/d')
    expect(prefixTag('/')).toBeUndefined()
  })

  it('are no longer than a tag may be', () => {
    const tags = tagsOfTarget(`/${'x'.repeat(5_000)}?${'y'.repeat(5_000)}`)

    expect(tags.every((tag) => tag.length < 250)).toBe(true)
    expect(urlTag(`/${'x'.repeat(5_000)}`)).not.toBe(urlTag(`/${'x'.repeat(5_001)}`))
  })

  it('never throw', () => {
    fc.assert(
      fc.property(fc.string(), (target) => {
        expect(tagsOfTarget(target).length).toBeGreaterThan(0)
      }),
    )
  })
})

describe('fingerprint()', () => {
  it('is the text if it is short, and its hash if it is long or looks like one', () => {
    expect(fingerprint('abc', 3)).toBe('abc')
    expect(fingerprint('abcd', 3)).toMatch(/^#/)
    expect(fingerprint('#a', 3)).not.toBe('#a')
  })
})
