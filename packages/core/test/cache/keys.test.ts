import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { escapePart, internalKey, KeySpace, unescapePart } from '../../src/cache/keys.ts'

/** Any text at all: well-formed, lone surrogates, separators, globs, braces, percent signs. */
const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units)),
  fc.stringMatching(/^[%u0-9a-f{}:/*?[\]\\#]{0,30}$/),
)

describe('escapePart()', () => {
  it('is undone by unescapePart(), for any text', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(unescapePart(escapePart(text))).toBe(text)
      }),
    )
  })

  it('leaves nothing that chooses a Cluster slot, matches as a glob or separates namespaces', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(escapePart(text)).not.toMatch(/[{}*?[\]\\/\s\0#"']/)
      }),
    )
  })

  it('gives text that is the same in ASCII, Latin-1 and UTF-8', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(escapePart(text)).toMatch(/^[!-~]*$/)
      }),
    )
  })

  it('keeps ordinary keys readable', () => {
    expect(escapePart('user:7:orders|2024-01@eu.example=1')).toBe(
      'user:7:orders|2024-01@eu.example=1',
    )
  })
})

describe('internalKey()', () => {
  it('keeps keys of up to 500 characters', () => {
    expect(internalKey('k'.repeat(500))).toBe('k'.repeat(500))
  })

  it('tells longer keys apart by their hash, which is short', () => {
    const keys = ['a', 'b', '\ud800', '\ud801'].map((end) => 'k'.repeat(500) + end)

    const inside = keys.map(internalKey)

    expect(new Set(inside).size).toBe(keys.length)
    expect(inside.every((key) => key.length < 60)).toBe(true)
  })

  it('never takes a key for the hash of a long one', () => {
    const hash = internalKey('k'.repeat(501))

    expect(internalKey(hash)).not.toBe(hash)
  })
})

describe('KeySpace', () => {
  const anyName = anyText.filter((text) => text !== '')
  const anyPath = fc
    .array(anyName, { maxLength: 3 })
    .map((names) => names.map((name) => `/${escapePart(name).replaceAll(':', '%3a')}`).join(''))

  it('parses the names that it gives back into what they stand for', () => {
    fc.assert(
      fc.property(anyName, anyPath, anyName, (namespace, path, text) => {
        const keys = new KeySpace(namespace)

        expect(keys.parse(keys.value(path, text))).toEqual({ kind: 'value', path, key: text })
        expect(keys.parse(keys.era(path))).toEqual({ kind: 'era', path })
        expect(keys.parse(keys.tag(text))).toEqual({ kind: 'tag', tag: internalKey(text) })
      }),
    )
  })

  it('gives all its names one of its prefixes', () => {
    fc.assert(
      fc.property(anyName, anyPath, anyName, (namespace, path, text) => {
        const keys = new KeySpace(namespace)
        const names = [
          keys.value(path, text),
          keys.lease(path, text),
          keys.tag(text),
          keys.era(path),
          keys.epoch(),
        ]

        expect(names.every((name) => keys.prefixes.some((prefix) => name.startsWith(prefix)))).toBe(
          true,
        )
      }),
    )
  })

  it('gives no two things one name, and two namespaces none in common', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(anyName, { minLength: 2, maxLength: 2 }),
        fc.uniqueArray(anyName, { minLength: 2, maxLength: 2 }),
        anyPath,
        (namespaces, texts, path) => {
          const names = namespaces.flatMap((namespace) => {
            const keys = new KeySpace(namespace)
            const named = texts.flatMap((text) => [
              keys.value(path, text),
              keys.lease(path, text),
              keys.tag(text),
            ])
            return [...named, keys.era(path), keys.epoch()]
          })

          expect(new Set(names).size).toBe(names.length)
        },
      ),
    )
  })

  it('keeps the value of a key and its lease in one Cluster slot, and era and epoch in another', () => {
    fc.assert(
      fc.property(anyName, anyPath, anyName, (namespace, path, text) => {
        const keys = new KeySpace(namespace)
        const hashTag = (name: string) => /\{([^}]*)\}/.exec(name)?.[1]

        expect(hashTag(keys.value(path, text))).toBe(hashTag(keys.lease(path, text)))
        expect(hashTag(keys.value(path, text))).toBe(escapePart(text))
        expect(hashTag(keys.era(''))).toBe(hashTag(keys.epoch()))
      }),
    )
  })

  it.each([
    'other:{key}:v',
    'app:{key}',
    'app:key:v',
    'app:{key}:x',
    'app:{a}b}:v',
    'application:{key}:v',
    'app/:{key}:v',
    '',
  ])('does not take %j for its own', (name) => {
    expect(new KeySpace('app').parse(name)).toBeUndefined()
  })

  it('does not take an inner namespace for another cache whose name has a slash', () => {
    const outer = new KeySpace('app')
    const other = new KeySpace('app/inner')

    expect(outer.value('/inner', 'key')).not.toBe(other.value('', 'key'))
    expect(outer.parse(other.value('', 'key'))).toBeUndefined()
  })
})
