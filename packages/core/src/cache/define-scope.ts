import type { Contract } from './contract.ts'
import { versionedCodec } from './define-codec.ts'
import type { ParsedDefinition } from './define-options.ts'
import { overrideDefaults } from './entry-options.ts'
import { memoryPrefixOf, type Scope } from './scope.ts'

/**
 * Where the entries of definitions lie: in one of a few lanes, which their version chooses, so that
 * releases of neighbouring versions do not overwrite each other's, and an invalidation by any of
 * them reaches all of them without knowing which there are. Versions that share a lane do overwrite
 * each other's, and still never read them. Part of docs/wire-format.md: other releases count on it.
 */
const LANES = 3

/** The part of a cache that holds a definition's entries. No user's namespace can be named like a lane. */
export function definedScope<K>(
  outer: Scope,
  name: string,
  definition: ParsedDefinition<K>,
): Scope {
  const { version, value: schema } = definition
  const contract: Contract = { name, schema }
  const reach = Array.from({ length: LANES }, (_, lane) => `${outer.path}/#${lane}`)
  const path = `${outer.path}/#${version % LANES}`
  return {
    ...outer,
    path,
    paths: [...outer.paths, path],
    memoryPrefix: memoryPrefixOf(path),
    codec: versionedCodec(outer.codec, version),
    defaults: overrideDefaults(outer.defaults, definition),
    contract,
    reach,
  }
}
