import { builtInCodec } from '../../../src/cache/codec.ts'
import { versionedCodec } from '../../../src/cache/define-codec.ts'
import { type SnapshotCase, shouting } from '../snapshot-case.ts'

/** Format version 1. Cases are added while it is the present one, and never changed or taken out. */
export const CASES_V1: readonly SnapshotCase[] = [
  { name: 'json-text', value: 'Zürich \u{1f600} \ud800' },
  { name: 'json-number', value: -12.5 },
  { name: 'json-boolean', value: false },
  { name: 'json-null', value: null },
  { name: 'json-object', value: { id: 7, name: 'Lyon', twins: [{ id: 8 }, null, true] } },
  { name: 'json-array', value: [1, 'two', [3]] },
  { name: 'json-proto', value: JSON.parse('{"__proto__":{"a":1}}') },
  { name: 'rich-undefined', value: undefined },
  { name: 'rich-nan', value: Number.NaN },
  { name: 'rich-infinity', value: [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY] },
  { name: 'rich-negative-zero', value: -0 },
  { name: 'rich-bigint', value: -(2n ** 70n) },
  { name: 'rich-nested-undefined', value: { a: undefined, b: [undefined] } },
  { name: 'rich-holes', value: Object.assign(new Array(4), { 0: 1, 2: 2 }) },
  { name: 'rich-sparse', value: Object.assign([], { 100000: 'far' }) },
  { name: 'rich-date', value: new Date(1_700_000_000_123) },
  { name: 'rich-invalid-date', value: new Date(Number.NaN) },
  { name: 'rich-map', value: new Map<unknown, unknown>([[{ id: 1 }, new Map([['a', 1]])]]) },
  { name: 'rich-set', value: new Set<unknown>([1, 'a', undefined, new Set()]) },
  { name: 'rich-regexp', value: [/a\/b[^\d]+/giu, /plain/] },
  { name: 'rich-url', value: new URL('https://example.org/a?b=c#d') },
  { name: 'rich-url-search-params', value: new URLSearchParams('a=1&a=2') },
  { name: 'rich-boxed', value: [Object(1), Object('text'), Object(true), Object(5n)] },
  { name: 'rich-bare-object', value: Object.assign(Object.create(null), { a: 1 }) },
  { name: 'rich-array-buffer', value: Uint8Array.from([1, 2, 255]).buffer },
  {
    name: 'rich-views',
    value: [
      new DataView(Uint8Array.from([1, 2]).buffer),
      Int8Array.from([-1]),
      Uint8Array.from([1]),
      Uint8ClampedArray.from([255]),
      Int16Array.from([-2]),
      Uint16Array.from([2]),
      Int32Array.from([-3]),
      Uint32Array.from([3]),
      Float32Array.from([0.5]),
      Float64Array.from([-0, Number.NaN]),
      BigInt64Array.from([-4n]),
      BigUint64Array.from([4n]),
    ],
  },
  { name: 'rich-buffer', value: { file: Buffer.from([0, 1, 255]) } },
  { name: 'rich-error', value: errorOf() },
  { name: 'rich-aggregate-error', value: aggregateOf() },
  { name: 'rich-cycle', value: cycleOf() },
  { name: 'rich-shared', value: sharedOf() },
  { name: 'buffer', value: Buffer.from([0, 127, 128, 255]) },
  { name: 'buffer-empty', value: Buffer.alloc(0) },
  { name: 'bytes', value: Uint8Array.from([0, 127, 128, 255]) },
  { name: 'custom', value: 'lyon', codec: shouting },
  { name: 'defined', value: { id: 7 }, codec: versionedCodec(builtInCodec, 3) },
  { name: 'defined-rich', value: new Date(5), codec: versionedCodec(builtInCodec, 12) },
  { name: 'gzip', value: { text: 'Lyon '.repeat(400) }, compressedBy: 'gzip' },
  { name: 'brotli', value: { text: 'Lyon '.repeat(400) }, compressedBy: 'brotli' },
  { name: 'brotli-large', value: Buffer.alloc(100_000, 'Lyon'), compressedBy: 'brotli' },
  { name: 'brotli-custom', value: 'lyon '.repeat(400), codec: shouting, compressedBy: 'brotli' },
  { name: 'zstd', value: { text: 'Lyon '.repeat(400) }, compressedBy: 'zstd' },
  { name: 'tags', value: 'v', tags: ['city:7', 'pays:fr', 'Zürich "1"'] },
  { name: 'inner-era', value: 'v', stamp: { era: '0a1b2c.99ff', epoch: 2 ** 40 } },
  {
    name: 'lifetimes',
    value: 'v',
    lifetime: { ttlMs: 0.5, staleWhileRevalidateMs: 0, staleIfErrorMs: 2 ** 45 },
    loadMs: 1_234,
  },
]

function errorOf(): Error {
  const cause = new TypeError('underneath', { cause: 'text' })
  const error = Object.assign(new RangeError('above', { cause }), {
    code: 'EABOVE',
    at: new Date(0),
  })
  const others = [Object.assign(new Error('Atlantis'), { name: 'CityNotFound' })]
  for (const one of [error, cause, ...others])
    one.stack = `${one.name}: ${one.message}\n    at home`
  return Object.assign(error, { others })
}

function aggregateOf(): Error {
  const error = new AggregateError([new Error('a'), new SyntaxError('b')], 'both')
  for (const one of [error, ...error.errors]) one.stack = `${one.name}\n    at home`
  return error
}

function cycleOf(): unknown {
  const city: { name: string; twin?: unknown } = { name: 'Lyon' }
  city.twin = city
  return city
}

function sharedOf(): unknown {
  const since = new Date(0)
  return [since, { since }]
}
