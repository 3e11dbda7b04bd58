import type { ServerResponse } from 'node:http'
import { applyHead } from './head-fields.ts'
import { type Interceptor, intercept, type Methods, type Name } from './interception.ts'

/** What has to happen before the head of a response goes out. */
export interface HeadGate {
  /** `undefined` where there is nothing to wait for. What it rejects with is given to `beforeHead`. */
  settle(): Promise<void> | undefined
  /** The head is about to go out: the last moment to change it. */
  beforeHead(res: ServerResponse, failure: unknown): Replacement | undefined
  /** Whether `beforeHead` has anything to say of this status. */
  changesHead(status: number): boolean
}

/** A response in place of the handler's. */
export interface Replacement {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/**
 * A response held back, from the first call that would write its head until the gate is through.
 * What the handler writes meanwhile is kept, with back-pressure, and then goes out in order.
 */
export class HeldResponse implements Interceptor {
  readonly #res: ServerResponse
  readonly #gate: HeadGate
  readonly #methods: Methods
  #state: 'open' | 'waiting' | 'through' | 'replaced' = 'open'
  #queue: (() => unknown)[] = []
  #wasFull = false

  constructor(res: ServerResponse, gate: HeadGate) {
    this.#res = res
    this.#gate = gate
    this.#methods = intercept(res, this)
  }

  /** Whether it is too late to change the head. */
  get hasBegun(): boolean {
    return this.#state !== 'open' || this.#res.headersSent
  }

  /** The handler has called this method. */
  call(name: Name, args: unknown[]): unknown {
    if (this.#state === 'open') this.#begin()
    if (this.#state === 'through') return this.#pass(name, args)
    if (this.#state === 'replaced') return name === 'write' ? true : this.#res
    this.#queue.push(() => this.#pass(name, args))
    if (name !== 'write') return this.#res
    this.#wasFull = true
    return false
  }

  #begin(): void {
    const settled = this.#res.headersSent ? undefined : this.#gate.settle()
    if (settled === undefined) {
      this.#through(undefined)
      return
    }
    this.#state = 'waiting'
    settled.then(
      () => this.#release(undefined),
      (error: unknown) => this.#release(error),
    )
  }

  #release(failure: unknown): void {
    try {
      this.#through(failure)
      for (const call of this.#queue.splice(0)) call()
    } catch (error) {
      this.#res.destroy(error as Error)
      return
    }
    if (this.#wasFull && !this.#res.writableNeedDrain) this.#res.emit('drain')
  }

  #through(failure: unknown): void {
    this.#state = 'through'
    if (this.#res.headersSent) return
    const replacement = this.#gate.beforeHead(this.#res, failure)
    if (replacement === undefined) return
    this.#state = 'replaced'
    this.#queue = []
    const { status, headers, body } = replacement
    for (const name of this.#res.getHeaderNames()) this.#res.removeHeader(name)
    this.#methods.writeHead.call(this.#res, status, headers)
    this.#methods.end.call(this.#res, body)
  }

  #pass(name: Name, args: unknown[]): unknown {
    if (name !== 'writeHead' || this.#res.headersSent) {
      return this.#methods[name].apply(this.#res, args)
    }
    return this.#writeHead(args)
  }

  /** Fields given here would replace those of the gate, whose turn comes once more. */
  #writeHead([status, ...rest]: unknown[]): unknown {
    if (!this.#gate.changesHead(Number(status))) {
      return this.#methods.writeHead.call(this.#res, status, ...rest)
    }
    const message = applyHead(this.#res, rest)
    this.#res.statusCode = Number(status)
    this.#gate.beforeHead(this.#res, undefined)
    const args = message === undefined ? [] : [message]
    return this.#methods.writeHead.call(this.#res, this.#res.statusCode, ...args)
  }
}
