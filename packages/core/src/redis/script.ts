import { createHash } from 'node:crypto'
import type { Script } from './types.ts'

/** A script ready for EVALSHA. */
export function defineScript(name: string, lua: string): Script {
  return { name, lua, sha: createHash('sha1').update(lua).digest('hex') }
}
