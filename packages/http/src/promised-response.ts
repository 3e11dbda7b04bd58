import type { Field } from './recording/fields-to-keep.ts'
import { makeEtag } from './rules/made-etag.ts'
import { type ResponseParts, StoredResponse } from './storing/stored-response.ts'
import type { Verdict } from './verdict.ts'

/** A response that will be kept if it comes to its end. */
export interface Promised {
  readonly verdict: Verdict & { kind: 'keep' }
  readonly status: number
  readonly statusMessage: string
  readonly fields: Field[]
  readonly headMs: number
  readonly declaredLength: string | undefined
}

/** A response as it is stored. */
export function toStored(
  promised: Promised,
  body: Buffer,
  initialAgeMs: number,
  etag: 'strong' | 'weak' | false,
): StoredResponse {
  const { status, fields } = promised
  const isEtagOurs = etag !== false && status === 200 && !hasOwnValidator(fields)
  const made: Field[] = isEtagOurs ? [['ETag', makeEtag(body, etag)]] : []
  const length: Field[] = status === 204 ? [] : [['Content-Length', String(body.length)]]
  const parts = partsOf(promised, initialAgeMs, [...length, ...made])
  return new StoredResponse(isEtagOurs ? { ...parts, isEtagOurs } : parts, body)
}

/** The same of its head alone, while the body is still to come. */
export function toHead(promised: Promised, initialAgeMs: number): StoredResponse {
  const { declaredLength } = promised
  const length: Field[] = declaredLength === undefined ? [] : [['Content-Length', declaredLength]]
  return new StoredResponse(partsOf(promised, initialAgeMs, length), NO_BODY)
}

const NO_BODY = Buffer.alloc(0)

function partsOf(
  { verdict, status, statusMessage, fields }: Promised,
  initialAgeMs: number,
  more: readonly Field[],
): ResponseParts {
  const { audience, vary, windows } = verdict.storability
  return {
    status,
    statusMessage,
    fields: [...fields, ...more],
    initialAgeMs,
    audience,
    windows,
    vary,
    selection: verdict.selection,
    clientControl: verdict.clientControl,
  }
}

function hasOwnValidator(fields: readonly Field[]): boolean {
  return fields.some(([name]) => ['etag', 'last-modified'].includes(name.toLowerCase()))
}
