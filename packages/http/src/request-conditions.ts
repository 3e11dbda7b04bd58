import type { IncomingMessage } from 'node:http'
import type { Conditions } from './rules/validation.ts'

const NAMES = ['if-none-match', 'if-modified-since'] as const

/**
 * The conditions of a request while its handler runs: the client's own are taken off, so that there
 * is a whole response to keep, and the cache's may stand in their place. Whoever takes them off must
 * answer them.
 */
export class RequestConditions {
  /** What the client's request was conditional on. */
  readonly own: Conditions
  readonly #req: IncomingMessage
  /** All fields of the request, if they had to be changed and have not been given back. */
  #ownRaw: readonly string[] | undefined

  constructor(req: IncomingMessage, asked: Conditions | undefined) {
    this.#req = req
    this.own = readConditions(req)
    if (asked === undefined && Object.keys(this.own).length === 0) return
    this.#ownRaw = [...req.rawHeaders]
    const others = this.#ownRaw.filter((_, index, raw) => !isCondition(raw[index - (index % 2)]))
    const added = Object.entries(asked ?? {}).flatMap(([name, value]) => [name, value ?? ''])
    this.#write(asked ?? {}, [...others, ...added])
  }

  /** Gives the request back what its client said. */
  restore(): void {
    if (this.#ownRaw === undefined) return
    this.#write(this.own, this.#ownRaw)
    this.#ownRaw = undefined
  }

  /** Some handlers read the fields as they came. */
  #write(conditions: Conditions, raw: readonly string[]): void {
    const { headers, rawHeaders } = this.#req
    for (const name of NAMES) delete headers[name]
    Object.assign(headers, conditions)
    rawHeaders.splice(0, rawHeaders.length, ...raw)
  }
}

function readConditions({ headers }: IncomingMessage): Conditions {
  const conditions: Conditions = {}
  for (const name of NAMES) {
    const value = headers[name]
    if (value !== undefined) conditions[name] = value
  }
  return conditions
}

function isCondition(name: string | undefined): boolean {
  return NAMES.some((known) => known === name?.toLowerCase())
}
