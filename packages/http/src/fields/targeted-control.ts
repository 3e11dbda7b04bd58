import { type BareItem, type InnerList, type Item, parseDictionary } from 'structured-headers'
import type { Directive } from './cache-control.ts'

/**
 * Reads a targeted field such as CDN-Cache-Control, a structured dictionary, as cache directives
 * (RFC 9213 section 2.1). `undefined` for one that is empty or is not well formed to the letter:
 * it counts as if it were not there.
 */
export function parseTargetedControl(value: string): Directive[] | undefined {
  try {
    const members = [...parseDictionary(value)]
    return members.length === 0 ? undefined : members.map(toDirective)
  } catch {
    return undefined
  }
}

function toDirective([name, [value]]: [string, Item | InnerList]): Directive {
  return { name, argument: Array.isArray(value) ? '' : argumentOf(value, name) }
}

/** Directives whose argument is text: of all others a text is none, and counts in its strict form. */
const WITH_TEXT: ReadonlySet<string> = new Set(['no-cache', 'private'])

function argumentOf(value: BareItem, name: string): string | undefined {
  if (value === true) return undefined
  if (typeof value === 'number') return String(value)
  return typeof value === 'string' && WITH_TEXT.has(name) ? value : ''
}
