import { type Deferred, deferred } from '@hotpath/testing'
import type { LinkEvents, LinkState, RedisLink } from '../../src/index.ts'
import type { Argument, Script } from '../../src/redis/types.ts'

/** A command or script on its way: its name, then its keys and arguments. */
export type Call = readonly [name: string, ...parts: Argument[]]

/** One call that the test holds up. */
export interface Held {
  /** Resolves when the call has come so far. */
  readonly reached: Promise<void>
  /** Lets it go on. */
  release(): void
  /** Lets it fail. */
  fail(): void
}

class Hold implements Held {
  readonly where: 'request' | 'reply'
  readonly matches: (call: Call) => boolean
  #error: Error | undefined
  readonly #reached: Deferred<void> = deferred()
  readonly #released: Deferred<void> = deferred()

  constructor(where: Hold['where'], matches: Hold['matches']) {
    this.where = where
    this.matches = matches
  }

  get reached(): Promise<void> {
    return this.#reached.promise
  }

  release(): void {
    this.#released.resolve()
  }

  fail(): void {
    this.#error = new Error('lost on the way')
    this.release()
  }

  async pass(): Promise<void> {
    this.#reached.resolve()
    await this.#released.promise
    if (this.#error !== undefined) throw this.#error
  }
}

/**
 * A link to a real Redis that the test can hold up at a command, before Redis has seen it or after
 * Redis has answered it, so that two processes meet in the order that the test is about.
 */
export class GatedLink implements RedisLink {
  readonly kind = 'hotpath-redis-link'
  readonly calls: Call[] = []
  readonly #link: RedisLink
  readonly #holds = new Set<Hold>()

  constructor(link: RedisLink) {
    this.#link = link
  }

  get state(): LinkState {
    return this.#link.state
  }

  get isUsable(): boolean {
    return this.#link.isUsable
  }

  get isCluster(): boolean {
    return this.#link.isCluster
  }

  get keyPrefix(): string {
    return this.#link.keyPrefix
  }

  /** Holds up the next call that matches before Redis has seen it. */
  holdRequest(matches: (call: Call) => boolean): Held {
    return this.#hold('request', matches)
  }

  /** Holds up the answer to the next call that matches. */
  holdReply(matches: (call: Call) => boolean): Held {
    return this.#hold('reply', matches)
  }

  /** Fails the next call that matches; Redis never sees it. */
  loseRequest(matches: (call: Call) => boolean): void {
    this.#lose('request', matches)
  }

  /** Fails the next call that matches, although Redis has done what it says. */
  loseReply(matches: (call: Call) => boolean): void {
    this.#lose('reply', matches)
  }

  #lose(where: Hold['where'], matches: Hold['matches']): void {
    const hold = this.#hold(where, matches)
    hold.fail()
  }

  command(name: string, ...args: Argument[]): Promise<unknown> {
    return this.#pass([name, ...args], () => this.#link.command(name, ...args))
  }

  run(script: Script, keys: readonly string[], args: readonly Argument[]): Promise<unknown> {
    return this.#pass([script.name, ...keys, ...args], () => this.#link.run(script, keys, args))
  }

  openSubscribers(toAll: boolean): ReturnType<RedisLink['openSubscribers']> {
    return this.#link.openSubscribers(toAll)
  }

  readMasters(): Promise<string> {
    return this.#link.readMasters()
  }

  on<E extends keyof LinkEvents>(event: E, listener: (detail: LinkEvents[E]) => void): () => void {
    return this.#link.on(event, listener)
  }

  close(): Promise<void> {
    return this.#link.close()
  }

  #hold(where: Hold['where'], matches: Hold['matches']): Hold {
    const hold = new Hold(where, matches)
    this.#holds.add(hold)
    return hold
  }

  async #pass(call: Call, send: () => Promise<unknown>): Promise<unknown> {
    this.calls.push(call)
    const hold = [...this.#holds].find(({ matches }) => matches(call))
    if (hold === undefined) return await send()
    this.#holds.delete(hold)
    if (hold.where === 'request') await hold.pass()
    const reply = await send()
    if (hold.where === 'reply') await hold.pass()
    return reply
  }
}

/** Matches commands and scripts by name. */
export function named(name: string): (call: Call) => boolean {
  return (call) => call[0] === name
}

/** Matches the read of values: one command for many, on a Cluster a script for each. */
export function isRead([name, key, token]: Call): boolean {
  const isOfMany = name === 'mget' && String(key).endsWith(':v')
  return isOfMany || (name === 'read' && token === '')
}
