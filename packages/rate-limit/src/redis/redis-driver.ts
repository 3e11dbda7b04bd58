import type { RedisLink } from '@hotpath/core'
import { afterIo, type Random } from '@hotpath/core/base'
import type { Charge, Driver, Mode, Outcome, Question } from '../driver.ts'
import { leaseId } from '../lease-id.ts'
import { BLOCK, consumeScript, giveBackScript } from '../lua/scripts.ts'
import { type Asked, formatCharges, formatQuestions, readOutcome, replyLength } from './message.ts'

/** A question that somebody waits for. */
interface Waiting extends Asked {
  resolve(outcome: Outcome): void
  reject(error: unknown): void
}

/** More in one call would keep Redis from others, and this process from the first answers. */
const MOST_IN_CALL = 16

/**
 * Limits in Redis, by Redis's clock: each decision is one atomic script in one round trip. What is
 * asked while the process sees to what has come in travels together: ten requests on ten connections
 * cost one call.
 */
export class RedisDriver implements Driver {
  readonly #link: RedisLink
  readonly #random: Random
  /** Clients of a Cluster are on many servers, and no call reaches two. */
  readonly #mostInCall: number
  #waiting: Waiting[] = []
  #isScheduled = false

  constructor(link: RedisLink, random: Random) {
    this.#link = link
    this.#random = random
    this.#mostInCall = link.isCluster ? 1 : MOST_IN_CALL
  }

  decide(question: Question, mode: Mode): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      const id = leaseId(this.#random, question)
      this.#waiting.push({ question, mode, id, resolve, reject })
      if (this.#waiting.length === this.#mostInCall) this.#sendAll()
      else if (!this.#isScheduled) {
        this.#isScheduled = true
        afterIo(() => {
          this.#isScheduled = false
          this.#sendAll()
        })
      }
    })
  }

  async refund(charges: readonly Charge[]): Promise<void> {
    await this.#giveBack('refund', charges)
  }

  async renew(charges: readonly Charge[]): Promise<void> {
    await this.#giveBack('renew', charges)
  }

  async block(banKey: string, durationMs: number, forgetMs: number): Promise<void> {
    await this.#link.run(BLOCK, [banKey], [durationMs, forgetMs])
  }

  async reset(keys: readonly string[]): Promise<void> {
    await this.#link.command('del', ...keys)
  }

  #sendAll(): void {
    const waiting = this.#waiting
    this.#waiting = []
    if (waiting.length > 0) this.#send(waiting)
  }

  #send(waiting: readonly Waiting[]): void {
    const { keys, json } = formatQuestions(waiting)
    const script = consumeScript(waiting.flatMap(({ question }) => question.items))
    this.#link.run(script, keys, [json]).then(
      (reply) => {
        let from = 0
        for (const one of waiting) {
          one.resolve(readOutcome(one, reply as number[], from))
          from += replyLength(one.question)
        }
      },
      (error: unknown) => {
        for (const { reject } of waiting) reject(error)
      },
    )
  }

  async #giveBack(how: 'refund' | 'renew', charges: readonly Charge[]): Promise<void> {
    const { keys, json } = formatCharges(how, charges)
    await this.#link.run(giveBackScript(charges), keys, [json])
  }
}
