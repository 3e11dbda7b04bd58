/**
 * The values of each cookie of that name in a Cookie field, as they were sent (RFC 6265 section
 * 4.2.1). A name may come more than once, and which one a handler reads is its parser's choice.
 */
export function readCookies(cookie: string | undefined, name: string): string[] {
  if (cookie === undefined) return []
  return pairs(cookie).flatMap(([found, value]) => (found === name ? [value] : []))
}

/** Whether a Cookie field carries a cookie that any of `patterns` means: a name, or an expression that fits it. */
export function hasCookie(
  cookie: string | undefined,
  patterns: readonly (string | RegExp)[],
): boolean {
  if (cookie === undefined || patterns.length === 0) return false
  return pairs(cookie).some(([name]) => patterns.some((pattern) => fits(name, pattern)))
}

function fits(name: string, pattern: string | RegExp): boolean {
  // `search` knows no lastIndex, which a global expression would carry from one request to the next.
  return typeof pattern === 'string' ? name === pattern : name.search(pattern) >= 0
}

function pairs(cookie: string): [name: string, value: string][] {
  return cookie.split(';').map((pair) => {
    const equals = pair.indexOf('=')
    return equals < 0
      ? [pair.trim(), '']
      : [pair.slice(0, equals).trim(), pair.slice(equals + 1).trim()]
  })
}
