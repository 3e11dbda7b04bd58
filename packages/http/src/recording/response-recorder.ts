import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Clock, Timer } from '@hotpath/core'
import { BodyBuffer } from './body-buffer.ts'
import { hideDeparture } from './hide-departure.ts'
import { type Arguments, type End, interceptBody, type Write } from './intercept-body.ts'
import { interceptHead, type WriteHead } from './intercept-head.ts'
import { Pace } from './pace.ts'
import type { BodyPlan, LossCause, RecorderObserver, Replacement } from './recorder-observer.ts'
import type { ResponseHead } from './response-head.ts'
import type { ResponseSink } from './response-sink.ts'

/** How a response is recorded. */
export interface RecordingOptions {
  readonly maxBodyBytes: number
  /** A client that goes away half-way does not end the recording. */
  readonly ignoreClientAbort: boolean
}

/** How long a handler may say nothing after its client has gone, while others wait for it. */
const ORPHAN_MS = 1_000

/** The same while others are sent what it makes. */
const FOLLOWED_ORPHAN_MS = 30_000

/**
 * Copies a response while it streams to its client: what the handler writes goes on at once, with
 * its callbacks and its back-pressure, and is kept as well, up to `maxBytes`.
 *
 * Only what the handler itself has ended counts as a response, whether or not the client was there
 * to the end of it; what breaks off is lost.
 */
export class ResponseRecorder {
  readonly #res: ServerResponse
  readonly #options: RecordingOptions
  readonly #clock: Clock
  readonly #observer: RecorderObserver
  readonly #body: BodyBuffer
  readonly #pace: Pace
  readonly #writeHead: WriteHead
  readonly #write: Write
  readonly #end: End
  #state: 'before-head' | 'keeping' | 'over' = 'before-head'
  #isSending = true
  #isInside = false
  #isReplaced = false
  #declaredLength: string | undefined
  #orphaned: Timer | undefined
  /** It has become too large to be kept, and goes on to those who follow. */
  #isRelaying = false
  #reveal: (() => void) | undefined

  constructor(
    res: ServerResponse,
    options: RecordingOptions,
    clock: Clock,
    observer: RecorderObserver,
  ) {
    this.#res = res
    this.#options = options
    this.#clock = clock
    this.#observer = observer
    this.#body = new BodyBuffer(options.maxBodyBytes)
    this.#pace = new Pace(res)
    this.#writeHead = interceptHead(res, {
      beforeHead: (head) => this.#beforeHead(head),
      afterHead: (head) => this.#afterHead(head),
    })
    const { write, end } = interceptBody(res, {
      onWrite: (args) => this.#onWrite(args),
      onEnd: (args) => this.#onEnd(args),
    })
    this.#write = write
    this.#end = end
    if (res.destroyed) this.#onClose()
    else res.once('close', () => this.#onClose())
  }

  /** Stops keeping; the response goes on to its client. */
  giveUp(cause: LossCause): void {
    if (this.#state === 'over') return
    this.#settle()
    this.#observer.lost(cause)
  }

  #decouple(req: IncomingMessage): void {
    this.#pace.free()
    this.#reveal ??= hideDeparture(req, this.#res, () => {
      this.#isSending = false
      this.#pace.free()
      this.#await()
    })
  }

  /** The handler has thrown or broken off. Whether another response has gone out in place of its own. */
  fail(error: unknown): boolean {
    const { headersSent, writableEnded, destroyed, socket } = this.#res
    const canAnswer = !headersSent && !writableEnded && !destroyed && socket?.destroyed === false
    if (this.#state === 'over' || !canAnswer) return false
    const replacement = this.#observer.failed(error)
    if (replacement !== undefined) this.#replace(replacement)
    return replacement !== undefined
  }

  #settle(): void {
    this.#state = 'over'
    this.#orphaned?.cancel()
    if (!this.#isRelaying) this.#body.free()
  }

  #beforeHead(head: ResponseHead): void {
    this.#declaredLength = head.get('content-length')
    let plan: BodyPlan | Replacement = { keep: false, send: true }
    try {
      plan = this.#observer.beforeHead(head, this.#state !== 'over')
    } finally {
      if ('substitute' in plan) this.#replace(plan)
      else {
        this.#isSending = plan.send
        if (!plan.keep) this.giveUp('refused')
      }
    }
  }

  #afterHead(head: ResponseHead): void {
    if (this.#state === 'over') return
    if (!this.#observer.afterHead(head)) {
      this.giveUp('refused')
      return
    }
    this.#state = 'keeping'
    this.#observer.recording({ body: this.#body, decouple: (req) => this.#decouple(req) })
  }

  /** Sends another response, past whatever the handler's side has put around `end` and `write`. */
  #replace({ substitute }: Replacement): void {
    this.#settle()
    this.#isReplaced = true
    const wasInside = this.#isInside
    this.#isInside = true
    const sink: ResponseSink = {
      writeHead: (status: number, ...rest: unknown[]) =>
        this.#writeHead.call(this.#res, status, ...rest),
      end: (body?: Buffer) => this.#end.call(this.#res, body),
    }
    try {
      substitute(sink)
    } finally {
      this.#isInside = wasInside
    }
  }

  #onWrite(args: Arguments): boolean {
    if (this.#isReplacedBefore()) return this.#skip(args)
    const isOurs = this.#enter()
    try {
      const flowing = this.#isSending ? this.#write.apply(this.#res, args) : this.#skip(args)
      if (isOurs) this.#keep(args)
      return this.#pace.tell(flowing)
    } finally {
      if (isOurs) this.#isInside = false
    }
  }

  #onEnd(args: Arguments): ServerResponse {
    if (this.#isReplacedBefore()) {
      this.#skip(args)
      return this.#res
    }
    const isOurs = this.#enter()
    try {
      if (!this.#isSending) this.#end.call(this.#res, callbackOf(args))
      else this.#end.apply(this.#res, args)
      if (isOurs) this.#finish(args)
      return this.#res
    } finally {
      if (isOurs) this.#isInside = false
    }
  }

  /**
   * Whether the handler's body has nowhere to go. A head that is to be replaced is written now: from
   * within `end` it would be too late.
   */
  #isReplacedBefore(): boolean {
    if (this.#isInside) return false
    const { statusCode, headersSent } = this.#res
    const isDue = this.#state !== 'over' && !headersSent && this.#observer.replaces(statusCode)
    if (isDue) this.#res.writeHead(statusCode)
    return this.#isReplaced
  }

  /**
   * Whether this call is the handler's: a middleware outside of us may do its `end` by calling
   * `res.write`, which is ours, and the chunk must not be kept twice.
   */
  #enter(): boolean {
    if (this.#isInside) return false
    this.#isInside = true
    return true
  }

  /** The client gets a response without this body. */
  #skip(args: Arguments): boolean {
    const callback = callbackOf(args)
    if (callback !== undefined) process.nextTick(callback)
    return true
  }

  #keep([chunk, encoding]: Arguments): void {
    if (isEmpty(chunk) || (this.#state === 'over' && !this.#isRelaying)) return
    if (this.#orphaned !== undefined) this.#await()
    const known = typeof encoding === 'string' ? (encoding as BufferEncoding) : undefined
    if (!this.#body.append(chunk, known)) this.#relay(chunk, known)
    this.#observer.grew()
  }

  /** Goes on for those who have been sent its beginning, though it cannot be kept. */
  #relay(chunk: unknown, encoding: BufferEncoding | undefined): void {
    if (this.#state !== 'over') {
      this.#isRelaying = this.#observer.isFollowed
      this.giveUp('too-large')
    }
    if (this.#isSending) this.#pace.bind()
    if (!this.#isRelaying) return
    this.#observer.trim(this.#options.maxBodyBytes / 2)
    if (this.#body.append(chunk, encoding)) return
    // A piece so large that there is no room for it beside what others are still to be sent.
    this.#endRelay(false)
  }

  #endRelay(isWhole: boolean): void {
    this.#isRelaying = false
    this.#observer.relayed(isWhole)
    // What of it is still to be sent, is read from it.
    if (!isWhole) this.#body.free()
  }

  #finish(args: Arguments): void {
    this.#keep(args)
    this.#conclude()
    // The client went earlier, but the response was whole.
    this.#reveal?.()
  }

  #conclude(): void {
    if (this.#isRelaying) this.#endRelay(true)
    if (this.#state === 'over') return
    const declared = this.#declaredLength
    const isWhole = declared === undefined || Number(declared) === this.#body.length
    if (this.#state === 'before-head' || !isWhole) {
      this.giveUp('length-mismatch')
      return
    }
    const body = this.#body.take()
    this.#settle()
    this.#observer.recorded(body)
  }

  /** The client has gone; the handler may go on for all that. */
  #await(): void {
    this.#orphaned?.cancel()
    const patienceMs = this.#observer.isFollowed ? FOLLOWED_ORPHAN_MS : ORPHAN_MS
    this.#orphaned = this.#clock.schedule(patienceMs, () => {
      if (this.#isRelaying) this.#endRelay(false)
      this.giveUp('aborted')
      this.#reveal?.()
    })
  }

  /** The client has gone, or the response has been sent and its end was seen before. */
  #onClose(): void {
    if (this.#isRelaying) this.#endRelay(false)
    if (this.#state === 'over') return
    // A handler that has begun may end early what nobody hears; one that has not may yet answer.
    const mayBeCut = this.#res.headersSent && !this.#options.ignoreClientAbort
    if (mayBeCut) this.giveUp('aborted')
    else this.#await()
  }
}

function isEmpty(chunk: unknown): boolean {
  return chunk === null || chunk === undefined || typeof chunk === 'function'
}

function callbackOf(args: Arguments): (() => void) | undefined {
  return args.find((argument): argument is () => void => typeof argument === 'function')
}
