import { startFromFirst } from '../sources/start-from-first.ts'
import type { RedisProgram } from './program.ts'
import { programOnPath } from './sources/binary.ts'
import { programFromPackage } from './sources/package.ts'

const ADVICE =
  'Found no redis-server for a Sentinel or a Cluster. Install one (apt install redis-server, brew install redis).'

/** The `redis-server` that is installed, or the distribution's package. */
export async function findRedisProgram(): Promise<RedisProgram> {
  return await startFromFirst([programOnPath, programFromPackage], {}, ADVICE)
}
