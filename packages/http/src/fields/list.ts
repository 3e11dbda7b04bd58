/**
 * Splits a list-based field value into its members: commas inside quoted strings do not count,
 * empty members are dropped (RFC 9110 section 5.6.1).
 *
 * A quoted string that never ends is no quoted string: whatever it would hide is read as members,
 * so that a stray quote cannot make a `no-store` vanish.
 */
export function splitList(value: string): string[] {
  if (!value.includes('"')) return clean(value.split(','))
  const parts = value.match(/(?:"(?:\\.|[^"\\])*"|[^,])+/g) ?? []
  const isBalanced = parts.every((part) => !hasLooseQuote(part))
  return clean(isBalanced ? parts : value.split(','))
}

function clean(parts: readonly string[]): string[] {
  return parts.map((part) => part.trim()).filter((part) => part !== '')
}

function hasLooseQuote(part: string): boolean {
  return part.replace(/"(?:\\.|[^"\\])*"/g, '').includes('"')
}

/** A field that may have come in several lines, as one value (RFC 9110 section 5.3). */
export function joinLines(
  value: string | number | readonly string[] | undefined,
): string | undefined {
  if (value === undefined || typeof value === 'string') return value
  return typeof value === 'number' ? String(value) : value.join(', ')
}
