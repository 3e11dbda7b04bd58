import type { OutgoingHttpHeaders, ServerResponse } from 'node:http'

/** The arguments of `writeHead` behind the status. */
export type HeadRest = readonly unknown[]

/**
 * Puts the fields given to `writeHead` on the response, so that others can be added to them, and
 * gives the status message if there was one.
 */
export function applyHead(res: ServerResponse, [first, second]: HeadRest): string | undefined {
  const message = typeof first === 'string' ? first : undefined
  const fields = message === undefined ? (second ?? first) : second
  for (const [name, value] of pairs(fields)) {
    if (value === undefined) continue
    if (value.isAgain) res.appendHeader(name, value.value as string)
    else res.setHeader(name, value.value as string)
  }
  return message
}

interface Given {
  readonly value: unknown
  /** The name came before, which only arrays can say. */
  readonly isAgain: boolean
}

function pairs(fields: unknown): [string, Given | undefined][] {
  if (typeof fields !== 'object' || fields === null) return []
  if (!Array.isArray(fields)) {
    return Object.entries(fields as OutgoingHttpHeaders).map(([name, value]) => [
      name,
      value === undefined ? undefined : { value, isAgain: false },
    ])
  }
  const flat = Array.isArray(fields[0]) ? fields.flat(1) : fields
  const seen = new Set<string>()
  return Array.from({ length: flat.length / 2 }, (_, index) => {
    const name = String(flat[index * 2])
    const isAgain = seen.has(name.toLowerCase())
    seen.add(name.toLowerCase())
    return [name, { value: flat[index * 2 + 1], isAgain }]
  })
}

/** Makes a response private to who asked, unless its handler says otherwise later. */
export function markPrivate(res: ServerResponse): void {
  if (res.headersSent) return
  if (!res.hasHeader('Cache-Control')) res.setHeader('Cache-Control', 'private')
  const vary = res.getHeader('Vary')
  if (vary === undefined) res.setHeader('Vary', 'Cookie')
  else if (!namesCookie(String(vary))) res.setHeader('Vary', `${vary}, Cookie`)
}

function namesCookie(vary: string): boolean {
  return vary === '*' || /(^|,)\s*cookie\s*(,|$)/i.test(vary)
}
