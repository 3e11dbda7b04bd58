import { type Codec, type Encoded, KIND } from './codec.ts'

const LONGEST_HEAD = 32

/**
 * Writes before each payload which version of its definition it is of, and reads no other:
 * `<version>,<kind>;` and the payload of that kind.
 */
export function versionedCodec(inner: Codec, version: number): Codec {
  return {
    prepare: (value) => {
      const prepared = inner.prepare(value)
      return { ...prepared, encoded: () => mark(prepared.encoded(), version) }
    },
    decode: (kind, bytes, at) => {
      if (kind !== KIND.defined) throw new Error('Not written by a definition')
      const [head = ''] = bytes.toString('latin1', at, at + LONGEST_HEAD).split(';', 1)
      const [written, innerKind] = head.split(',')
      if (Number(written) !== version || innerKind === undefined) {
        throw new Error(`Written by version ${written} of its definition, wanted ${version}`)
      }
      return inner.decode(Number(innerKind), bytes, at + head.length + 1)
    },
  }
}

function mark({ kind, payload }: Encoded, version: number): Encoded {
  const head = `${version},${kind};`
  return {
    kind: KIND.defined,
    payload:
      typeof payload === 'string' ? head + payload : Buffer.concat([Buffer.from(head), payload]),
  }
}
