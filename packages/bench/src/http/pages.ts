import type { Page } from './contestant.ts'

/** The sizes that are measured, in bytes of body. */
export const PAGE_BYTES: readonly number[] = [1_024, 51_200]

/** A page for each size: a JSON document of exactly so many bytes. */
export function createPages(): Page[] {
  return PAGE_BYTES.map((bytes) => ({ path: `/items/${bytes}`, body: createBody(bytes) }))
}

function createBody(bytes: number): Buffer {
  const empty = JSON.stringify({ text: '' })
  const text = 'A sentence of a page that somebody reads. '.repeat(Math.ceil(bytes / 42))
  return Buffer.from(JSON.stringify({ text: text.slice(0, bytes - empty.length) }))
}
