import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { RedisConfig } from '../directives.ts'
import type { RedisProgram } from '../program.ts'
import { LOOPBACK, RedisProcess } from '../redis-process.ts'
import type { RedisServer } from '../redis-server.ts'
import { startOnFreePort } from '../start-on-free-port.ts'

/** A server that is one of several. */
export interface NodePlan {
  readonly program: RedisProgram
  /** Where its files go. */
  readonly folder: string
  readonly isSentinel?: boolean | undefined
  /** Its own lines of redis.conf, asked for at each start. */
  readonly listDirectives: (port: number) => readonly string[]
}

/**
 * Starts a server from a config file: Sentinels and the servers that they reconfigure write into
 * theirs.
 */
export async function startNode(plan: NodePlan): Promise<RedisServer> {
  return await startOnFreePort((port) => {
    const file = join(plan.folder, `${port}.conf`)
    return new RedisProcess(plan.program, port, async () => {
      const common = [`bind ${LOOPBACK}`, `port ${port}`, `dir ${plan.folder}`]
      await writeFile(file, [...common, ...plan.listDirectives(port), ''].join('\n'))
      return plan.isSentinel ? [file, '--sentinel'] : [file]
    })
  })
}

/** What all data nodes have: nothing on disk, and copies that are made at once. */
export function listDataDirectives(config: RedisConfig = {}): string[] {
  const directives = {
    save: '""',
    appendonly: 'no',
    'repl-diskless-sync': 'yes',
    'repl-diskless-sync-delay': '0',
    // A replica that has received nothing yet does not show among the nodes of a Cluster.
    'repl-ping-replica-period': '1',
    'replica-announce-ip': LOOPBACK,
    ...config,
  }
  return Object.entries(directives).map(([name, value]) => `${name} ${value}`)
}
