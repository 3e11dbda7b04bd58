import type { ServerResponse } from 'node:http'
import { applyHead } from './head-fields.ts'

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

type Name = 'writeHead' | 'write' | 'end' | 'flushHeaders'
type Method = (...args: unknown[]) => unknown
type Methods = Record<Name, Method>

const HELD = Symbol('hotpath.session.held')

interface Held extends ServerResponse {
  [HELD]?: HeldResponse
}

/**
 * Holds a response back, from the first call that would write its head until the gate is through.
 * What the handler writes meanwhile is kept, with back-pressure, and then goes out in order.
 */
export function holdResponse(res: ServerResponse, gate: HeadGate): HeldResponse {
  const held = new HeldResponse(res, gate)
  const intercepted: Held = res
  const isFirst = intercepted[HELD] === undefined
  if (isFirst) intercepted[HELD] = held
  const methods = isFirst ? SHARED : methodsOf(() => held)
  const target = res as object as Methods
  target.writeHead = methods.writeHead
  target.write = methods.write
  target.end = methods.end
  target.flushHeaders = methods.flushHeaders
  return held
}

function methodsOf(heldBy: (res: Held) => HeldResponse): Methods {
  const take = (name: Name) =>
    function (this: Held, ...args: unknown[]) {
      return heldBy(this).call(name, args)
    }
  return {
    writeHead: take('writeHead'),
    write: take('write'),
    end: take('end'),
    flushHeaders: take('flushHeaders'),
  }
}

/** The same functions for all responses: of their own they would cost each of them more than the rest. */
const SHARED = methodsOf((res) => (res as Required<Held>)[HELD])

/** A response and how far its gate has come. */
export class HeldResponse {
  readonly #res: ServerResponse
  readonly #gate: HeadGate
  readonly #writeHead: Method
  readonly #write: Method
  readonly #end: Method
  readonly #flushHeaders: Method
  #state: 'open' | 'waiting' | 'through' | 'replaced' = 'open'
  #queue: (() => unknown)[] = []
  #wasFull = false

  constructor(res: ServerResponse, gate: HeadGate) {
    const { writeHead, write, end, flushHeaders } = res as object as Methods
    this.#res = res
    this.#gate = gate
    this.#writeHead = writeHead
    this.#write = write
    this.#end = end
    this.#flushHeaders = flushHeaders
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
    this.#writeHead.call(this.#res, status, headers)
    this.#end.call(this.#res, body)
  }

  #pass(name: Name, args: unknown[]): unknown {
    if (name === 'end') return this.#end.apply(this.#res, args)
    if (name === 'write') return this.#write.apply(this.#res, args)
    if (name === 'flushHeaders') return this.#flushHeaders.apply(this.#res, args)
    if (this.#res.headersSent) return this.#writeHead.apply(this.#res, args)
    return this.#passHead(args)
  }

  /** Fields given here would replace those of the gate, whose turn comes once more. */
  #passHead([status, ...rest]: unknown[]): unknown {
    if (!this.#gate.changesHead(Number(status))) {
      return this.#writeHead.call(this.#res, status, ...rest)
    }
    const message = applyHead(this.#res, rest)
    this.#res.statusCode = Number(status)
    this.#gate.beforeHead(this.#res, undefined)
    const args = message === undefined ? [] : [message]
    return this.#writeHead.call(this.#res, this.#res.statusCode, ...args)
  }
}
