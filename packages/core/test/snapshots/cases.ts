import { fileURLToPath } from 'node:url'
import type { SnapshotCase } from './snapshot-case.ts'
import { CASES_V1 } from './v1/cases.ts'

/** The snapshots of each version of the wire format that was ever written. */
export const CASES: ReadonlyMap<number, readonly SnapshotCase[]> = new Map([[1, CASES_V1]])

export function fileOf(version: number, name: string): string {
  return fileURLToPath(new URL(`v${version}/${name}.bin`, import.meta.url))
}
