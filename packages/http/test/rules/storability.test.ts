import { describe, expect, it } from 'vitest'
import {
  decideStorability,
  type StoragePolicy,
  type StorageSituation,
} from '../../src/rules/storability.ts'
import { headOf } from './head-of.ts'

const POLICY: StoragePolicy = {
  ttlMs: 30_000,
  maxTtlMs: Number.POSITIVE_INFINITY,
  heuristic: 0,
  targets: [],
  staleWhileRevalidateMs: 0,
  staleIfErrorMs: 0,
  statuses: undefined,
  setCookie: 'refuse',
  maxBodyBytes: 100,
}

const SITUATION: StorageSituation = {
  credentials: 'none',
  isPartitioned: false,
  origin: undefined,
  delayMs: 0,
  nowMs: Date.UTC(2026, 0, 1),
}

interface Case {
  name: string
  status?: number
  fields?: Record<string, string>
  policy?: Partial<StoragePolicy>
  situation?: Partial<StorageSituation>
  /** How long it is kept, or why it is not. */
  expected: number | string
}

const cc = (value: string): Record<string, string> => ({ 'cache-control': value })

const cases: Case[] = [
  { name: 'nothing said, by ttl', expected: 30_000 },
  { name: 'nothing said, no ttl', policy: { ttlMs: 0 }, expected: 'unsaid' },
  {
    name: 'a lifetime of its own',
    fields: cc('max-age=60'),
    policy: { ttlMs: 0 },
    expected: 60_000,
  },
  { name: 'maxTtl', fields: cc('max-age=60'), policy: { maxTtlMs: 10_000 }, expected: 10_000 },
  { name: 'maxTtl and ttl', policy: { maxTtlMs: 10_000 }, expected: 10_000 },
  { name: 'an age', fields: { ...cc('max-age=60'), age: '20' }, expected: 40_000 },
  {
    name: 'an age as long as its life',
    fields: { ...cc('max-age=60'), age: '60' },
    expected: 'expired',
  },
  { name: 'an age that is none', fields: { ...cc('max-age=60'), age: 'x' }, expected: 60_000 },
  { name: 'a 301 by ttl', status: 301, expected: 30_000 },
  { name: 'a 302 by ttl', status: 302, expected: 'unsaid' },
  { name: 'a 302 with a lifetime', status: 302, fields: cc('max-age=60'), expected: 60_000 },
  { name: 'a 404 by ttl', status: 404, expected: 'unsaid' },
  {
    name: 'a 404 by statuses',
    status: 404,
    policy: { statuses: new Set([404]) },
    expected: 30_000,
  },
  {
    name: 'a 200 that statuses leaves out',
    policy: { statuses: new Set([404]) },
    expected: 'status',
  },
  { name: 'a 500 with a lifetime', status: 500, fields: cc('max-age=60'), expected: 60_000 },
  { name: 'a 206', status: 206, fields: cc('max-age=60'), expected: 'status' },
  { name: 'a 304', status: 304, fields: cc('max-age=60'), expected: 'status' },
  { name: 'no-store', fields: cc('no-store, max-age=60'), expected: 'no-store' },
  {
    name: 'no-store beside must-understand',
    fields: cc('no-store, must-understand, max-age=60'),
    expected: 60_000,
  },
  {
    name: 'must-understand with a status that is not',
    status: 299,
    fields: cc('must-understand, max-age=60'),
    expected: 'status',
  },
  { name: 'private', fields: cc('private, max-age=60'), expected: 'private' },
  {
    name: "private in one's own partition",
    fields: cc('private, max-age=60'),
    situation: { isPartitioned: true },
    expected: 60_000,
  },
  { name: 'private fields', fields: cc('private="x-a", max-age=60'), expected: 60_000 },
  { name: 'no-cache', fields: cc('no-cache, max-age=60'), expected: 'no-cache' },
  { name: 'Pragma alone', fields: { pragma: 'no-cache' }, expected: 'no-cache' },
  {
    name: 'Pragma beside Cache-Control',
    fields: { ...cc('max-age=60'), pragma: 'no-cache' },
    expected: 60_000,
  },
  {
    name: 'Set-Cookie',
    fields: { ...cc('public, max-age=60'), 'set-cookie': 'a=1' },
    expected: 'set-cookie',
  },
  {
    name: 'Set-Cookie to be stripped',
    fields: { 'set-cookie': 'a=1' },
    policy: { setCookie: 'strip' },
    expected: 30_000,
  },
  { name: 'Vary: *', fields: { vary: '*' }, expected: 'vary' },
  {
    name: 'an event stream',
    fields: { 'content-type': 'text/event-stream; charset=utf-8' },
    expected: 'event-stream',
  },
  {
    name: 'a 200 with a field that means nothing in it (RFC 9110 section 14.4)',
    fields: { 'content-range': 'bytes 0-1/2' },
    expected: 30_000,
  },
  { name: 'too large', fields: { 'content-length': '101' }, expected: 'too-large' },
  { name: 'just not too large', fields: { 'content-length': '100' }, expected: 30_000 },
  { name: 'cookies by ttl', situation: { credentials: 'ambient' }, expected: 'credentials' },
  {
    name: 'cookies by ttl, public',
    fields: cc('public'),
    situation: { credentials: 'ambient' },
    expected: 30_000,
  },
  {
    name: 'cookies with a lifetime',
    fields: cc('max-age=60'),
    situation: { credentials: 'ambient' },
    expected: 60_000,
  },
  {
    name: 'Authorization with a lifetime',
    fields: cc('max-age=60'),
    situation: { credentials: 'authorization' },
    expected: 'credentials',
  },
  {
    name: 'Authorization with s-maxage',
    fields: cc('s-maxage=60'),
    situation: { credentials: 'authorization' },
    expected: 60_000,
  },
]

describe('decideStorability() (RFC 9111 section 3)', () => {
  it.each(cases)(
    '$name: $expected',
    ({ status = 200, fields = {}, policy, situation, expected }) => {
      const decided = decideStorability(
        headOf(status, fields),
        { ...POLICY, ...policy },
        { ...SITUATION, ...situation },
      )

      expect(decided.kind === 'store' ? decided.ttlMs : decided.because).toBe(expected)
    },
  )

  it.each([
    [{ vary: 'B, a' }, ['a', 'b']],
    [{ 'content-encoding': 'br' }, ['accept-encoding']],
    [{ 'content-encoding': 'identity' }, []],
    [{ 'content-encoding': 'gzip', vary: 'Accept-Encoding' }, ['accept-encoding']],
    [{ 'access-control-allow-origin': 'https://a' }, ['origin']],
    [{ 'access-control-allow-origin': 'https://b' }, []],
    [{ 'access-control-allow-origin': '*' }, []],
  ])('%o is told apart by %o', (fields, vary) => {
    const situation = { ...SITUATION, origin: 'https://a' }

    const decided = decideStorability(
      headOf(200, fields as Record<string, string>),
      POLICY,
      situation,
    )

    expect(decided).toMatchObject({ kind: 'store', vary })
  })
})
