import type { ServerResponse } from 'node:http'
import { applyHead } from './head-fields.ts'

/** What has to happen before the head of a response goes out. */
export interface HeadGate {
  /** Whether there is anything to wait for. */
  needsTime(): boolean
  /** Waits for it. What it rejects with is given to `beforeHead`. */
  settle(): Promise<void>
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

type Method = (...args: unknown[]) => unknown

/**
 * Holds a response back, from the first call that would write its head until the gate is through.
 * What the handler writes meanwhile is kept, with back-pressure, and then goes out in order.
 * Gives what tells whether the head has begun.
 */
export function holdResponse(res: ServerResponse, gate: HeadGate): () => boolean {
  const held = new HeldResponse(res, gate)
  return () => held.hasBegun || res.headersSent
}

class HeldResponse {
  readonly #res: ServerResponse
  readonly #gate: HeadGate
  readonly #originals: Record<'writeHead' | 'write' | 'end' | 'flushHeaders', Method>
  #state: 'open' | 'waiting' | 'through' | 'replaced' = 'open'
  #queue: (() => unknown)[] = []
  #wasFull = false

  constructor(res: ServerResponse, gate: HeadGate) {
    this.#res = res
    this.#gate = gate
    const { writeHead, write, end, flushHeaders } = res
    this.#originals = { writeHead, write, end, flushHeaders } as Record<string, Method> as never
    const take = (name: 'writeHead' | 'write' | 'end' | 'flushHeaders'): Method => {
      return (...args) => this.#call(name, args)
    }
    const replaced = {
      writeHead: take('writeHead'),
      write: take('write'),
      end: take('end'),
      flushHeaders: take('flushHeaders'),
    }
    Object.assign(res, replaced)
  }

  get hasBegun(): boolean {
    return this.#state !== 'open'
  }

  #call(name: 'writeHead' | 'write' | 'end' | 'flushHeaders', args: unknown[]): unknown {
    if (this.#state === 'open') this.#begin()
    if (this.#state === 'through') return this.#pass(name, args)
    if (this.#state === 'replaced') return name === 'write' ? true : this.#res
    this.#queue.push(() => this.#pass(name, args))
    if (name !== 'write') return this.#res
    this.#wasFull = true
    return false
  }

  #begin(): void {
    if (!this.#gate.needsTime() || this.#res.headersSent) {
      this.#through(undefined)
      return
    }
    this.#state = 'waiting'
    this.#gate.settle().then(
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
    this.#originals.writeHead.call(this.#res, status, headers)
    this.#originals.end.call(this.#res, body)
  }

  #pass(name: 'writeHead' | 'write' | 'end' | 'flushHeaders', args: unknown[]): unknown {
    if (name !== 'writeHead' || this.#res.headersSent) {
      return this.#originals[name].apply(this.#res, args)
    }
    return this.#writeHead(args)
  }

  /** Fields given here would replace those of the gate, whose turn comes once more. */
  #writeHead([status, ...rest]: unknown[]): unknown {
    if (!this.#gate.changesHead(Number(status))) {
      return this.#originals.writeHead.call(this.#res, status, ...rest)
    }
    const message = applyHead(this.#res, rest)
    this.#res.statusCode = Number(status)
    this.#gate.beforeHead(this.#res, undefined)
    const args = message === undefined ? [] : [message]
    return this.#originals.writeHead.call(this.#res, this.#res.statusCode, ...args)
  }
}
