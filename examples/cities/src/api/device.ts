const BROWSERS = [
  ['Edge', /\bEdg\//],
  ['Opera', /\bOPR\//],
  ['Firefox', /\bFirefox\//],
  ['Chrome', /Chrome\//],
  ['Safari', /\bSafari\//],
  ['curl', /^curl\//],
] as const

const SYSTEMS = [
  ['Windows', /Windows/],
  ['Android', /Android/],
  ['iPhone', /iPhone/],
  ['iPad', /iPad/],
  ['macOS', /Mac OS X/],
  ['Linux', /Linux/],
] as const

/** What a person calls the sender of a `User-Agent` field: "Chrome on Linux". */
export function describeDevice(userAgent: string | undefined): string {
  const browser = findName(BROWSERS, userAgent) ?? 'Another program'
  const system = findName(SYSTEMS, userAgent)
  return system === undefined ? browser : `${browser} on ${system}`
}

function findName(
  names: readonly (readonly [name: string, shape: RegExp])[],
  userAgent = '',
): string | undefined {
  return names.find(([, shape]) => shape.test(userAgent))?.[0]
}
