import type { OutgoingHttpHeader } from 'node:http'
import { type Asked, formatAsked, formatHit, type Via } from '../fields/cache-status.ts'
import { parseEntityTag } from '../fields/entity-tag.ts'
import type { FieldValue } from '../recording/response-head.ts'
import type { Audience } from '../rules/audience.ts'
import { fieldsForClients } from '../rules/client-control.ts'
import { isLeftOutOf304, type Validators } from '../rules/precondition.ts'
import type { StaleWindows } from '../rules/stale-windows.ts'
import type { HandlerValidators } from '../rules/validation.ts'

/** What a stored response is made of: all that is written to Redis. */
export interface ResponseParts {
  readonly status: number
  /** Empty for the usual one. */
  readonly statusMessage: string
  /** Its fields, each with the name as it was written: everything that a hit sends but Age and Cache-Status. */
  readonly fields: readonly (readonly [name: string, value: FieldValue])[]
  /** How old it was when it was stored. */
  readonly initialAgeMs: number
  readonly audience: Audience
  /** How stale it may be served. */
  readonly windows: StaleWindows
  /** The request fields by which it was chosen, in lower case. */
  readonly vary: readonly string[]
  /** What those fields said, normalised. */
  readonly selection: string
  /** The Cache-Control that clients see instead of the one in `fields`. */
  readonly clientControl?: string | undefined
  /** Its entity tag was made here: the handler does not know it. */
  readonly isEtagOurs?: boolean | undefined
}

/** What Age and Cache-Status of a hit are written from. */
export interface HitFacts {
  readonly ageMs: number
  readonly ttlMs: number
  readonly via: Via
  /** What the handler said of it just now, if it was asked. */
  readonly asked?: Asked | undefined
  /** The cache's name in Cache-Status; `undefined` for none. */
  readonly cacheName: string | undefined
  /** What follows everything else in Cache-Status. */
  readonly suffix: string
}

/**
 * A response ready to be sent: its fields as the flat array that `writeHead` takes, its body as one
 * buffer. Nothing is serialised on a hit; Age and Cache-Status are written into their places in the
 * array, and only when they have changed, which is once a second.
 */
export class StoredResponse implements Validators {
  readonly kind = 'response'
  readonly parts: ResponseParts
  readonly body: Buffer
  readonly etag: string | undefined
  readonly lastModified: string | undefined
  readonly date: string | undefined
  #full: HeadTemplate | undefined
  #notModified: HeadTemplate | undefined

  constructor(parts: ResponseParts, body: Buffer) {
    this.parts = parts
    this.body = body
    this.etag = parseEntityTag(fieldOf(parts.fields, 'etag'))
    this.lastModified = fieldOf(parts.fields, 'last-modified')
    this.date = fieldOf(parts.fields, 'date')
  }

  /** By which the handler can be asked whether it still holds. */
  get validators(): HandlerValidators {
    const etag = this.parts.isEtagOurs ? undefined : this.etag
    return { etag, lastModified: this.lastModified }
  }

  get encoding(): string | undefined {
    return fieldOf(this.parts.fields, 'content-encoding')
  }

  /** The fields of a hit, for `writeHead`. Good until the next call. */
  headOfHit(facts: HitFacts): OutgoingHttpHeader[] {
    if (this.#full?.cacheName !== facts.cacheName || this.#full === undefined) {
      const { fields, clientControl } = this.parts
      this.#full = new HeadTemplate(fieldsForClients(fields, clientControl), facts.cacheName)
    }
    return this.#full.fill(facts)
  }

  /** The fields of the 304 that stands for a hit. Good until the next call. */
  headOf304(facts: HitFacts): OutgoingHttpHeader[] {
    if (this.#notModified?.cacheName !== facts.cacheName || this.#notModified === undefined) {
      const hasEtag = this.etag !== undefined
      const all = fieldsForClients(this.parts.fields, this.parts.clientControl)
      const fields = all.filter(([name]) => !isLeftOutOf304(name.toLowerCase(), hasEtag))
      this.#notModified = new HeadTemplate(fields, facts.cacheName)
    }
    return this.#notModified.fill(facts)
  }

  /** Roughly the bytes that it takes in memory. */
  get bytes(): number {
    let bytes = this.body.length + OBJECT_BYTES + this.parts.selection.length * 2
    for (const [name, value] of this.parts.fields) {
      bytes += (name.length + String(value).length + POINTERS) * 2
    }
    return bytes
  }
}

const OBJECT_BYTES = 500
const POINTERS = 16

/** A flat array of fields that ends with Age and, if the cache has a name, Cache-Status. */
class HeadTemplate {
  readonly cacheName: string | undefined
  readonly #head: OutgoingHttpHeader[]
  readonly #ageAt: number
  /** What caches nearer to the origin have said in Cache-Status, which comes first (RFC 9211 section 2). */
  readonly #earlier: string
  #age = -1
  #ttl = Number.NaN
  #via: Via | undefined
  #suffix = ''

  constructor(fields: ResponseParts['fields'], cacheName: string | undefined) {
    this.cacheName = cacheName
    const earlier = cacheName === undefined ? undefined : fieldOf(fields, 'cache-status')
    this.#earlier = earlier === undefined ? '' : `${earlier}, `
    this.#head = []
    for (const [name, value] of fields) {
      if (earlier !== undefined && name.toLowerCase() === 'cache-status') continue
      this.#head.push(name, value as OutgoingHttpHeader)
    }
    this.#ageAt = this.#head.push('Age', '') - 1
    if (cacheName !== undefined) this.#head.push('Cache-Status', '')
  }

  fill({ ageMs, ttlMs, via, asked, suffix }: HitFacts): OutgoingHttpHeader[] {
    const age = Math.floor(ageMs / 1_000)
    if (age !== this.#age) {
      this.#age = age
      this.#head[this.#ageAt] = String(age)
    }
    if (asked !== undefined && this.cacheName !== undefined) {
      this.#via = undefined
      this.#head[this.#ageAt + 2] = this.#member(formatAsked(this.cacheName, ttlMs, asked), suffix)
      return this.#head
    }
    const ttl = Math.floor(ttlMs / 1_000)
    const isSame = ttl === this.#ttl && via === this.#via && suffix === this.#suffix
    if (this.cacheName !== undefined && !isSame) {
      this.#ttl = ttl
      this.#via = via
      this.#suffix = suffix
      this.#head[this.#ageAt + 2] = this.#member(formatHit(this.cacheName, ttlMs, via), suffix)
    }
    return this.#head
  }

  #member(member: string, suffix: string): string {
    return this.#earlier + member + suffix
  }
}

function fieldOf(fields: ResponseParts['fields'], wanted: string): string | undefined {
  for (const [name, value] of fields) {
    if (name.length !== wanted.length || name.toLowerCase() !== wanted) continue
    return typeof value === 'string' ? value : value.join(', ')
  }
  return undefined
}
