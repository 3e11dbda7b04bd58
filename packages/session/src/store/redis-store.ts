import type { Random, RedisLink } from '@hotpath/core'
import type { SessionRef, UserRef } from '../ids/keyring.ts'
import { DATA, parseCommitted, parseFound, parseListed } from './redis-replies.ts'
import type { StoreScript } from './script-prelude.ts'
import { COMMIT, CREATE, DROP_FOREIGN, END, END_ALL, LIST, LOAD, MOVE } from './scripts.ts'
import type {
  Change,
  Committed,
  EndHow,
  Found,
  ListedSession,
  Move,
  NewSession,
  SessionStore,
  StoreLimits,
} from './session-store.ts'

/** One epoch of everyone on one server; on a Cluster one in the slot of each shard. */
const SHARDS = 256

/** Sessions in Redis: one hash each, one script a call. */
export class RedisStore implements SessionStore {
  readonly #link: RedisLink
  readonly #namespace: string
  readonly #limits: StoreLimits
  readonly #random: Random
  readonly #closes: boolean

  constructor(
    link: RedisLink,
    settings: { namespace: string; limits: StoreLimits; random: Random; closesLink: boolean },
  ) {
    this.#link = link
    this.#namespace = settings.namespace
    this.#limits = settings.limits
    this.#random = settings.random
    this.#closes = settings.closesLink
  }

  load(ref: SessionRef, touch?: 'now'): Promise<Found> {
    const { idleMs, touchMs, tombstoneMs } = this.#limits
    const args = [idleMs, touch === 'now' ? 0 : touchMs, tombstoneMs]
    return this.#run(LOAD, 's', ref, args).then(parseFound)
  }

  async create(ref: SessionRef, session: NewSession): Promise<readonly string[]> {
    const { idleMs, absoluteMs, maxPerUser, tombstoneMs } = this.#limits
    const { user, owner, device, schemaVersion, fields } = session
    const reply = await this.#run(CREATE, 's', ref, [
      idleMs,
      absoluteMs,
      this.#random.token(16),
      user?.hash ?? '',
      owner,
      device,
      schemaVersion,
      maxPerUser,
      tombstoneMs,
      ...[...fields].flatMap(([key, text]) => [DATA + key, text]),
    ])
    return (reply as Buffer[]).map(String)
  }

  commit(ref: SessionRef, changes: readonly Change[], schemaVersion: number): Promise<Committed> {
    const parts = changes.flatMap(({ key, text, expected }) => [
      DATA + key,
      text === undefined ? 0 : 1,
      expected ?? -1,
      text ?? '',
    ])
    const { idleMs, touchMs } = this.#limits
    const args = [idleMs, touchMs, schemaVersion, ...parts]
    return this.#run(COMMIT, 's', ref, args).then(parseCommitted)
  }

  async move(ref: SessionRef, { to, sealed, keep }: Move): Promise<'done' | 'already' | 'gone'> {
    const { idleMs, graceMs, tombstoneMs } = this.#limits
    const kept = keep === undefined ? ['*'] : ['some', ...keep.map((key) => DATA + key)]
    const args = [to.hash, idleMs, graceMs, sealed ?? '', tombstoneMs, ...kept]
    const reply = await this.#run(MOVE, 's', ref, args)
    return String(reply) as 'done' | 'already' | 'gone'
  }

  async end(
    ref: SessionRef,
    { owners = [], isReplaced = false }: EndHow = {},
  ): Promise<string | undefined> {
    const args = [
      this.#limits.tombstoneMs,
      isReplaced ? '3' : '1',
      ...owners.map(({ hash }) => hash),
    ]
    return String(await this.#run(END, 's', ref, args)) || undefined
  }

  async list(user: UserRef): Promise<readonly ListedSession[]> {
    return parseListed(await this.#run(LIST, 'u', user, []))
  }

  async endAll(user: UserRef, except: string | undefined): Promise<number> {
    const args = [except ?? '', this.#random.token(16), this.#limits.tombstoneMs]
    return Number(await this.#run(END_ALL, 'u', user, args))
  }

  async endEveryone(): Promise<void> {
    const epoch = this.#random.token(16)
    const shards = this.#link.isCluster ? SHARDS : 1
    const keys = Array.from({ length: shards }, (_, shard) =>
      this.#epochKey(shard.toString(16).padStart(2, '0')),
    )
    await Promise.all(keys.map((key) => this.#link.command('set', key, epoch)))
  }

  async close(): Promise<void> {
    if (this.#closes) await this.#link.close()
  }

  async #run(
    script: StoreScript,
    kind: 's' | 'u',
    { shard, hash }: SessionRef,
    args: readonly (string | number)[],
  ): Promise<unknown> {
    const keys = [`${this.#namespace}:{${shard}}:${kind}:${hash}`, this.#epochKey(shard)]
    const send = (): Promise<unknown> => this.#link.run(script, keys, [hash, ...args])
    try {
      return await send()
    } catch (error) {
      if (!(error as Error).message.includes('WRONGTYPE')) throw error
      // Another program's value under a key of ours. What ran before it was met, has been done.
      const user = script === CREATE ? String(args[3]) : ''
      await this.#link.run(DROP_FOREIGN, keys, [hash, kind, user, script === CREATE ? 1 : 0])
      return await send()
    }
  }

  #epochKey(shard: string): string {
    return this.#link.isCluster ? `${this.#namespace}:{${shard}}:e` : `${this.#namespace}:e`
  }
}
