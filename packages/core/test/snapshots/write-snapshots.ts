/**
 * Writes the snapshots that are missing of the present format version, and changes none.
 *
 *     npx tsx packages/core/test/snapshots/write-snapshots.ts
 *
 * Run by a Node that has zstd, 22.15 or later.
 */
import { existsSync, writeFileSync } from 'node:fs'
import { builtInCodec } from '../../src/cache/codec.ts'
import { compress, compressionSchema } from '../../src/cache/compression.ts'
import { FRESH_UNTIL_OFFSET, VERSION, writeEntry } from '../../src/cache/wire-format.ts'
import { CASES, fileOf } from './cases.ts'
import { LIFETIME, type SnapshotCase, STAMP, WRITTEN_AT_MS } from './snapshot-case.ts'

for (const snapshot of CASES.get(VERSION) ?? []) {
  const file = fileOf(VERSION, snapshot.name)
  if (!existsSync(file)) writeFileSync(file, await bytesOf(snapshot))
}

async function bytesOf(snapshot: SnapshotCase): Promise<Buffer> {
  const { value, tags = [], stamp = STAMP, lifetime = LIFETIME, loadMs = 0 } = snapshot
  const { codec = builtInCodec, compressedBy: algorithm } = snapshot
  const plain = codec.prepare(value).encoded()
  const compression = algorithm === undefined ? undefined : compressionSchema.parse({ algorithm })
  const encoded = compression ? await compress(plain, compression) : plain
  const bytes = writeEntry({ encoded, tags, stamp, lifetime, loadMs })
  // The scripts do so in Redis.
  bytes.writeDoubleLE(WRITTEN_AT_MS + lifetime.ttlMs, FRESH_UNTIL_OFFSET)
  return bytes
}
