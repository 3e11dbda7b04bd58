import type { IncomingMessage } from 'node:http'
import type { BodyBuffer } from './body-buffer.ts'
import type { ResponseHead } from './response-head.ts'
import type { Substitute } from './response-sink.ts'

/** What is to become of a body, once its head is known. */
export interface BodyPlan {
  /** Keep a copy of it. */
  readonly keep: boolean
  /** Send it on; not if the client has it already and gets a 304. */
  readonly send: boolean
}

/** Another response goes out, and nothing of this one is kept. */
export interface Replacement {
  readonly substitute: Substitute
}

/** Why a response was not recorded to its end. */
export type LossCause = 'refused' | 'taken-over' | 'too-large' | 'aborted' | 'length-mismatch'

/** A recording under way. */
export interface Recording {
  /** What has been written so far. */
  readonly body: BodyBuffer
  /** Others are sent what the handler makes: that its own client goes must not end it. */
  decouple(req: IncomingMessage): void
}

/** Follows the recording of one response. */
export interface RecorderObserver {
  /** A head of this status will have another response in its place. */
  replaces(status: number): boolean
  /**
   * The head is about to be written; its fields may still be changed. `isKeeping`: the recording has
   * not been given up.
   */
  beforeHead(head: ResponseHead, isKeeping: boolean): BodyPlan | Replacement
  /** The head as it went out; false gives up after all. */
  afterHead(head: ResponseHead): boolean
  /** The handler has thrown, or broken off, before there was a head: what is to go out instead, if anything. */
  failed(error: unknown): Replacement | undefined
  /** The handler has ended the response: this is all of it. */
  recorded(body: Buffer): void
  /** More of the body has been written, and kept in what {@link recording} was given. */
  grew(): void
  /** Recording begins. */
  recording(recording: Recording): void
  /** Others are sent what is recorded. */
  readonly isFollowed: boolean
  /** It has become too large: lets go who is `longestLag` bytes behind, and what nobody needs. */
  trim(longestLag: number): void
  /** What has become too large has come to its end, or not. */
  relayed(isWhole: boolean): void
  /** There will be no recording. Called once, and not after {@link recorded} or a replacement. */
  lost(cause: LossCause): void
}
