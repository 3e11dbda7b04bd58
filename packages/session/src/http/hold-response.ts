import type { ServerResponse } from 'node:http'
import { applyHead } from './head-fields.ts'
import { type Interceptor, intercept, type Name, type Next } from './interception.ts'

/** What has to happen before the head of a response goes out. */
export interface HeadGate {
  /** `undefined` where there is nothing to wait for. What it rejects with is given to `beforeHead`. */
  settle(): Promise<void> | undefined
  /** The head is about to go out: the last moment to change it. */
  beforeHead(res: ServerResponse, failure: unknown): Replacement | undefined
  /** Whether `beforeHead` has anything to say of this status. */
  changesHead(status: number): boolean
  /** The response ends, and its head went out before. */
  afterHead(): void
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
  #state: 'open' | 'waiting' | 'through' | 'replaced' = 'open'
  #queue: (() => unknown)[] = []
  #wasFull = false
  /** The response in place of the handler's is being sent. */
  #isReplacing = false

  constructor(res: ServerResponse, gate: HeadGate) {
    this.#res = res
    this.#gate = gate
    intercept(res, this)
  }

  /** Whether it is too late to change the head. */
  get hasBegun(): boolean {
    return this.#state !== 'open' || this.#res.headersSent
  }

  call(name: Name, args: unknown[], next: Next, isBeneath: boolean): unknown {
    if (this.#state === 'open') this.#begin(next)
    if (this.#state === 'through') return this.#pass(name, args, next)
    if (this.#state === 'replaced') {
      if (this.#isReplacing || isBeneath) return next(name, args)
      return name === 'write' ? true : this.#res
    }
    this.#queue.push(() => this.#pass(name, args, next))
    if (name !== 'write') return this.#res
    this.#wasFull = true
    return false
  }

  #begin(next: Next): void {
    const settled = this.#res.headersSent ? undefined : this.#gate.settle()
    if (settled === undefined) {
      this.#through(undefined, next)
      return
    }
    this.#state = 'waiting'
    settled.then(
      () => this.#release(undefined, next),
      (error: unknown) => this.#release(error, next),
    )
  }

  #release(failure: unknown, next: Next): void {
    try {
      this.#through(failure, next)
      for (const call of this.#queue.splice(0)) call()
    } catch (error) {
      this.#res.destroy(error as Error)
      return
    }
    if (this.#wasFull && !this.#res.writableNeedDrain) this.#res.emit('drain')
  }

  #through(failure: unknown, next: Next): void {
    this.#state = 'through'
    if (this.#res.headersSent) return
    const replacement = this.#gate.beforeHead(this.#res, failure)
    if (replacement === undefined) return
    this.#state = 'replaced'
    this.#queue = []
    this.#replace(replacement, next)
  }

  #replace({ status, headers, body }: Replacement, next: Next): void {
    for (const name of this.#res.getHeaderNames()) this.#res.removeHeader(name)
    this.#isReplacing = true
    try {
      next('writeHead', [status, headers])
      next('end', [body])
    } finally {
      this.#isReplacing = false
    }
  }

  /** Fields given to `writeHead` would replace those of the gate, whose turn comes once more. */
  #pass(name: Name, args: unknown[], next: Next): unknown {
    if (name === 'end' && this.#res.headersSent && !this.#res.writableEnded) this.#gate.afterHead()
    if (name !== 'writeHead' || this.#res.headersSent) return next(name, args)
    const [status, ...rest] = args
    if (!this.#gate.changesHead(Number(status))) return next(name, args)
    const message = applyHead(this.#res, rest)
    this.#res.statusCode = Number(status)
    this.#gate.beforeHead(this.#res, undefined)
    const { statusCode } = this.#res
    return next(name, message === undefined ? [statusCode] : [statusCode, message])
  }
}
