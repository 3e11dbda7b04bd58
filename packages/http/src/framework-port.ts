import type { RequestListener } from 'node:http'

/** Fields by name in lower case. */
export type Fields = Readonly<Record<string, number | string | readonly string[] | undefined>>

/**
 * What the cache needs of a framework. `C` is whatever the framework's adapter wants to be given
 * back of one request.
 */
export interface FrameworkPort<C> {
  /** The cache is about to write the response itself. */
  takeOver(context: C): void
  /**
   * The request goes on to whatever comes next. Called once at most. `failed`, if any, is to be told
   * of what that throws where the framework does not make a response of it; true from it means that
   * the request has been answered for all that.
   */
  proceed(context: C, failed?: (error: unknown) => boolean): void
  /**
   * The request can neither be answered nor go on: one of the options' functions has thrown, or what
   * somebody has put around the response. Called once at most, and perhaps after `takeOver`.
   */
  fail(context: C, error: unknown): void
  /** Where requests enter the app that this one came through, for one that is made of it. */
  entry(context: C): RequestListener
  /** The fields that others have set so far: they will set them on hits too. */
  fieldsSoFar(context: C): Fields
  /** The query, if the framework has parsed it already. */
  parsedQuery(context: C): unknown
}
