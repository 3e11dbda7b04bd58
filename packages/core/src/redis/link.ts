import { type Clock, systemClock, type Timer } from '../base/clock.ts'
import { DeadlineQueue } from '../base/deadline.ts'
import { HotpathError } from '../base/errors.ts'
import { Events } from '../base/events.ts'
import { systemRandom } from '../base/random.ts'
import { call, evaluate } from './call.ts'
import { CircuitBreaker } from './circuit-breaker.ts'
import { type Client, isCluster, openClient, openSubscribers, readMasters } from './client.ts'
import { isAnswer, unavailable } from './reply-error.ts'
import type {
  Argument,
  LinkEvents,
  LinkSettings,
  LinkState,
  RedisInput,
  RedisLink,
  Script,
  Subscribers,
} from './types.ts'
import { WriteBatches } from './write-batches.ts'

const DEFAULTS: LinkSettings = { storeTimeoutMs: 250, clock: systemClock, random: systemRandom }

/** Probes that may fail on a connection that looks alive before it is opened anew. */
const PROBES_TO_RECONNECT = 3

/** The link that `input` already is, or a new one. */
export function openLink(
  input: RedisInput,
  settings: Partial<LinkSettings> = {},
): { link: RedisLink; isOurs: boolean } {
  if (isLink(input)) return { link: input, isOurs: false }
  const filled = { ...DEFAULTS, ...settings }
  const { client, isOurs } = openClient(input, filled.random)
  return { link: new IoredisLink(client, isOurs, filled), isOurs: true }
}

function isLink(input: RedisInput): input is RedisLink {
  return (input as Partial<RedisLink> | null)?.kind === 'hotpath-redis-link'
}

class IoredisLink implements RedisLink {
  readonly kind = 'hotpath-redis-link'
  readonly isCluster: boolean
  readonly keyPrefix: string
  readonly #client: Client
  readonly #isOurs: boolean
  readonly #clock: Clock
  readonly #deadlines: DeadlineQueue
  readonly #breaker: CircuitBreaker
  readonly #batches: WriteBatches
  readonly #events = new Events<LinkEvents>({ prefix: 'hotpath:redis', about: {} })
  /** Settles when the first attempt to connect has ended, one way or the other. */
  #firstConnection: Promise<void> | undefined
  #endFirstConnection: () => void = () => {}
  #state: LinkState = 'down'
  #toldState: LinkState | undefined
  #probe: Timer | undefined
  #failedProbes = 0
  #isClosed = false

  constructor(client: Client, isOurs: boolean, settings: LinkSettings) {
    this.#client = client
    this.#isOurs = isOurs
    this.isCluster = isCluster(client)
    this.keyPrefix = client.options.keyPrefix ?? ''
    this.#clock = settings.clock
    this.#deadlines = new DeadlineQueue(settings.clock, settings.storeTimeoutMs)
    this.#breaker = new CircuitBreaker(settings.random)
    this.#batches = new WriteBatches(isOurs ? client : undefined)
    this.#watch()
  }

  get state(): LinkState {
    return this.#state
  }

  get isUsable(): boolean {
    return !this.#breaker.isOpen && !this.#isClosed
  }

  command(name: string, ...args: Argument[]): Promise<unknown> {
    const isGathered = name === 'mget' // by whoever reads many
    return this.#guarded(name, isGathered, () => call(this.#client, name, args))
  }

  run(script: Script, keys: readonly string[], args: readonly Argument[]): Promise<unknown> {
    return this.#guarded(script.name, script.isGathered === true, (isLate) =>
      evaluate(this.#client, script, keys, args, isLate),
    )
  }

  async openSubscribers(toAll: boolean): Promise<Subscribers> {
    return await this.#askCluster(() => openSubscribers(this.#client, toAll))
  }

  async readMasters(): Promise<string> {
    return await this.#askCluster(() => readMasters(this.#client))
  }

  on<E extends keyof LinkEvents>(event: E, listener: (detail: LinkEvents[E]) => void): () => void {
    return this.#events.on(event, listener)
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#probe?.cancel()
    this.#endFirstConnection()
    for (const [event, listener] of this.#listeners) this.#client.off(event, listener)
    if (this.#isOurs) {
      this.#client.on('error', () => {})
      this.#client.disconnect()
    }
  }

  #guarded(
    name: string,
    isGathered: boolean,
    send: (isLate: () => boolean) => Promise<unknown>,
  ): Promise<unknown> {
    if (!this.isUsable) return Promise.reject(unavailable(name))
    return new Promise((resolve, reject) => {
      let isLate = false
      const deadline = this.#deadlines.start(() => {
        isLate = true
        const error = new HotpathError('ERR_REDIS_TIMEOUT', `Redis did not answer ${name} in time`)
        this.#failed(error)
        reject(error)
      })
      const write = (): Promise<unknown> =>
        this.#batches.gather(isGathered, () => send(() => isLate))
      // An answer that comes too late is as good as none: a server that is always slow is given up.
      this.#send(name, write, () => isLate).then(
        (reply) => {
          if (isLate) return
          deadline.settle()
          this.#answered()
          resolve(reply)
        },
        (error: Error) => {
          if (isLate) return
          deadline.settle()
          reject(this.#judge(name, error))
        },
      )
    })
  }

  /** What this client knows of a Cluster may be out of date, and a failure may be all that tells. */
  async #askCluster<T>(ask: () => Promise<T>): Promise<T> {
    try {
      return await ask()
    } catch (error) {
      if (isCluster(this.#client) && !this.#isClosed) this.#client.refreshSlotsCache(() => {})
      throw error
    }
  }

  #send(name: string, send: () => Promise<unknown>, isLate: () => boolean): Promise<unknown> {
    if (this.#firstConnection === undefined) return send()
    return this.#firstConnection.then(() => {
      if (isLate() || !this.isUsable) throw unavailable(name)
      return send()
    })
  }

  /** Tells a server that answered with an error from one that did not answer. */
  #judge(name: string, error: Error): Error {
    if (error instanceof HotpathError) return error
    if (isAnswer(error)) {
      this.#answered()
      return error
    }
    this.#failed(error)
    return unavailable(name, error)
  }

  #watch(): void {
    for (const [event, listener] of this.#listeners) this.#client.on(event, listener)
    if (this.#client.status === 'ready') {
      this.#changeTo('up', undefined)
      return
    }
    this.#firstConnection = new Promise((resolve) => {
      this.#endFirstConnection = () => {
        this.#firstConnection = undefined
        resolve()
      }
    })
    if (this.#client.status === 'wait') this.#client.connect().catch(() => {})
    if (this.#client.status === 'end') this.#lost(new Error('The client was closed'))
  }

  readonly #listeners: [event: string, listener: (cause?: unknown) => void][] = [
    ['ready', () => this.#connected()],
    ['close', (cause) => this.#lost(cause)],
    ['end', (cause) => this.#lost(cause)],
    ['error', (cause) => this.#erred(cause)],
  ]

  #connected(): void {
    if (this.#firstConnection === undefined) {
      this.#probeNow()
      return
    }
    this.#answered()
    this.#endFirstConnection()
  }

  #erred(cause: unknown): void {
    if (this.#client.status !== 'ready') this.#lost(cause)
  }

  #lost(cause: unknown): void {
    const wasConnecting = this.#firstConnection !== undefined
    if (this.#breaker.trip() || wasConnecting) this.#open(cause)
    this.#endFirstConnection()
  }

  #failed(cause: unknown): void {
    if (this.#breaker.failed()) this.#open(cause)
  }

  #answered(): void {
    if (this.#isClosed || (this.#state === 'up' && !this.#breaker.isOpen)) {
      this.#breaker.succeeded()
      return
    }
    this.#breaker.succeeded()
    this.#failedProbes = 0
    this.#probe?.cancel()
    this.#probe = undefined
    this.#changeTo('up', undefined)
  }

  #open(cause: unknown): void {
    this.#changeTo('down', cause)
    this.#scheduleProbe()
  }

  #changeTo(state: LinkState, cause: unknown): void {
    if (this.#isClosed) return
    this.#state = state
    if (this.#toldState === state) return
    this.#toldState = state
    this.#events.emit('state', { state, cause })
  }

  #scheduleProbe(): void {
    if (this.#isClosed) return
    this.#probe?.cancel()
    this.#probe = this.#clock.schedule(this.#breaker.nextProbeMs(), () => this.#probeNow())
  }

  #probeNow(): void {
    if (this.#isClosed || !this.#breaker.isOpen) return
    this.#probe?.cancel()
    if (this.#client.status !== 'ready') {
      this.#scheduleProbe()
      return
    }
    let isOver = false
    const end = (then: () => void): void => {
      if (isOver) return
      isOver = true
      deadline.settle()
      then()
    }
    const deadline = this.#deadlines.start(() => end(() => this.#probeFailed()))
    call(this.#client, 'ping', []).then(
      () => end(() => this.#answered()),
      () => end(() => this.#probeFailed()),
    )
  }

  #probeFailed(): void {
    this.#failedProbes += 1
    this.#scheduleProbe()
    // A connection cut without a word never ends by itself. Only ours is ours to end.
    if (this.#isOurs && this.#failedProbes % PROBES_TO_RECONNECT === 0) {
      this.#client.disconnect(true)
    }
  }
}
