/** One range of bytes as it was asked for. */
export type AskedRange =
  | { readonly kind: 'from'; readonly first: number; readonly last: number | undefined }
  /** So many at the end. */
  | { readonly kind: 'suffix'; readonly length: number }

const ONE_RANGE = /^(?:(\d+)-(\d*)|-(\d+))$/

/**
 * Reads a Range field of bytes (RFC 9110 section 14.1.2); `undefined` for another unit and for what
 * is not well formed, both of which a server takes for no Range at all.
 */
export function parseByteRanges(value: string): AskedRange[] | undefined {
  const [unit, set, ...rest] = value.split('=')
  if (unit?.trim().toLowerCase() !== 'bytes' || set === undefined || rest.length > 0) {
    return undefined
  }
  const ranges = set.split(',').map((spec) => parseOne(spec.trim()))
  return ranges.some((range) => range === undefined) ? undefined : (ranges as AskedRange[])
}

function parseOne(spec: string): AskedRange | undefined {
  const [matched, first, last, suffix] = ONE_RANGE.exec(spec) ?? []
  if (matched === undefined) return undefined
  if (suffix !== undefined) return { kind: 'suffix', length: Number(suffix) }
  const range = { first: Number(first), last: last === '' ? undefined : Number(last) }
  const isReversed = range.last !== undefined && range.last < range.first
  return isReversed ? undefined : { kind: 'from', ...range }
}
