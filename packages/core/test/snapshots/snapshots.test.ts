import { readdirSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { describe, expect, it } from 'vitest'
import { builtInCodec, KIND } from '../../src/cache/codec.ts'
import { plainKind } from '../../src/cache/compression.ts'
import { FORMATS } from '../../src/cache/compression-formats.ts'
import type { Entry } from '../../src/cache/entry.ts'
import { readEntry, readHeader, VERSION } from '../../src/cache/wire-format.ts'
import { CASES, fileOf } from './cases.ts'
import { LIFETIME, type SnapshotCase, STAMP, WRITTEN_AT_MS } from './snapshot-case.ts'

const OUR_NOW_MS = 5_000

async function read(version: number, { name, codec = builtInCodec }: SnapshotCase): Promise<Entry> {
  const bytes = readFileSync(fileOf(version, name))
  return readEntry(bytes, readHeader(bytes), WRITTEN_AT_MS, codec, OUR_NOW_MS)
}

function isReadable({ compressedBy }: SnapshotCase): boolean {
  return compressedBy === undefined || FORMATS[compressedBy] !== undefined
}

describe.each([...CASES])('Entries of format version %i', (version, cases) => {
  it.each(cases.filter(isReadable))('are read as they were written: $name', async (snapshot) => {
    const { value, tags = [], stamp = STAMP, lifetime = LIFETIME, loadMs = 0 } = snapshot

    const entry = await read(version, snapshot)

    expect(entry.value).toStrictEqual(value)
    expect({ ...entry }).toMatchObject({ tags, stamp, lifetime, loadMs })
    expect(entry.freshUntilMs).toBe(OUR_NOW_MS + lifetime.ttlMs)
  })

  it.each(cases.filter((snapshot) => !isReadable(snapshot)))(
    'are refused by a Node that cannot decompress them: $name',
    async (snapshot) => {
      await expect(read(version, snapshot)).rejects.toThrow('unknown to this version of Node')
    },
  )

  it('have a file each, and every file is one of them', () => {
    const files = readdirSync(dirname(fileOf(version, 'any'))).filter((file) => /bin$/.test(file))

    expect(files.sort()).toEqual(cases.map(({ name }) => `${name}.bin`).sort())
  })
})

describe('The snapshots', () => {
  it('are there for the present version, for each kind and each compression', () => {
    const cases = CASES.get(VERSION) ?? []
    const kinds = cases.map(({ name }) => readFileSync(fileOf(VERSION, name))[3] as number)
    const compressions = Object.values(FORMATS).flatMap((format) => format?.id ?? [])

    expect(new Set(kinds.map(plainKind))).toEqual(new Set(Object.values(KIND)))
    expect(kinds.map((kind) => kind >> 4)).toEqual(expect.arrayContaining([0, ...compressions]))
  })

  it('bring cycles and what is shared back as such', async () => {
    const cases = new Map(CASES.get(1)?.map((snapshot) => [snapshot.name, snapshot]))

    const cycle = (await read(1, cases.get('rich-cycle') as SnapshotCase)).value
    const shared = (await read(1, cases.get('rich-shared') as SnapshotCase)).value

    expect((cycle as { twin: unknown }).twin).toBe(cycle)
    expect((shared as [Date, { since: Date }])[1].since).toBe((shared as [Date])[0])
  })
})
