import { invalidOption } from '../base/errors.ts'
import { builtInCodec, type Codec, customCodec } from './codec.ts'
import type { Compression } from './compression.ts'
import type { Contract } from './contract.ts'
import type { EntryDefaults } from './entry-options.ts'
import { escapePart, internalKey } from './keys.ts'
import type { Serializer } from './types.ts'

/** How values are written, as options say it. */
export interface WritingOptions {
  readonly serializer?: Serializer | undefined
  readonly compression?: Compression | false | undefined
}

/** One namespace of a cache: where its keys lie, and how its values live and are written. */
export interface Scope {
  /** The inner names joined by `/`; empty for the cache itself. */
  readonly path: string
  /** This path and those around it, outermost first. */
  readonly paths: readonly string[]
  /** What sets its keys apart in the memory tier. */
  readonly memoryPrefix: string
  readonly codec: Codec
  /** `undefined`: payloads are written as they are. */
  readonly compression: Compression | undefined
  readonly defaults: EntryDefaults
  /** The definition whose values these are, if it is one. */
  readonly contract: Contract | undefined
  /** The paths where its keys may lie, of which invalidations leave none out: its own, but for definitions. */
  readonly reach: readonly string[]
}

export function rootScope(
  defaults: EntryDefaults,
  { serializer, compression }: WritingOptions,
): Scope {
  return {
    path: '',
    paths: [''],
    memoryPrefix: '',
    codec: serializer === undefined ? builtInCodec : customCodec(serializer),
    compression: compression || undefined,
    defaults,
    contract: undefined,
    reach: [''],
  }
}

const DEEPEST = 8

export function innerScope(
  outer: Scope,
  name: string,
  defaults: EntryDefaults,
  { serializer, compression = outer.compression || false }: WritingOptions,
): Scope {
  if (typeof name !== 'string' || name === '' || name.length > 200) {
    throw invalidOption('namespace', name, 'a name of 1 to 200 characters')
  }
  if (outer.paths.length > DEEPEST) {
    throw invalidOption('namespace', name, `at most ${DEEPEST} namespaces inside each other`)
  }
  const path = `${outer.path}/${escapePart(name).replaceAll(':', '%3a')}`
  return {
    path,
    paths: [...outer.paths, path],
    memoryPrefix: memoryPrefixOf(path),
    codec: serializer === undefined ? outer.codec : customCodec(serializer),
    compression: compression || undefined,
    defaults,
    contract: undefined,
    reach: [path],
  }
}

/**
 * The memory prefix of a path: none for the cache itself, so that its hits join no strings. No
 * internal key begins like one: after a `#` it has a hash, in which there is no slash, and no colon
 * as the keys of definitions have.
 */
export function memoryPrefixOf(path: string): string {
  if (path === '') return ''
  return path.startsWith('/#') ? path.slice(1) : `#${path}\0`
}

/** The id of a key in the memory tier. */
export function memoryId(scope: Scope, key: string): string {
  return scope.memoryPrefix + internalKey(key)
}

export function requireKey(key: unknown): void {
  if (typeof key !== 'string' || key === '') {
    throw invalidOption('key', key, 'text that is not empty')
  }
}

export function requireTag(tag: unknown): void {
  if (typeof tag !== 'string' || tag === '' || tag.length > 500) {
    throw invalidOption('tag', tag, 'text of 1 to 500 characters')
  }
}
