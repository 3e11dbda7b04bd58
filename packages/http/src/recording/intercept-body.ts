import type { ServerResponse } from 'node:http'

/** A chunk or nothing, an encoding or nothing, a callback or nothing: `write` and `end` take them all. */
export type Arguments = unknown[]
export type Write = (...args: Arguments) => boolean
export type End = (...args: Arguments) => ServerResponse

/** What comes in place of a response's `write` and `end`. */
export interface BodyHooks {
  onWrite(args: Arguments): boolean
  onEnd(args: Arguments): ServerResponse
}

const HOOKS = Symbol('hotpath.http.body-hooks')

interface Hooked {
  [HOOKS]?: BodyHooks
}

/**
 * Puts `hooks` before the `write` and `end` of a response, and gives what was there before.
 *
 * All responses share the two functions, which look up the hooks of theirs: with functions of its
 * own each response would outlive all minor collections, and that costs more than recording it.
 * Only where somebody is before us already they have to be ours alone.
 */
export function interceptBody(res: ServerResponse, hooks: BodyHooks): { write: Write; end: End } {
  const before = { write: res.write as Write, end: res.end as End }
  const hooked: Hooked = res as Hooked
  const isFirst = hooked[HOOKS] === undefined
  if (isFirst) hooked[HOOKS] = hooks
  const write: Write = isFirst ? sharedWrite : (...args) => hooks.onWrite(args)
  const end: End = isFirst ? sharedEnd : (...args) => hooks.onEnd(args)
  res.write = write as ServerResponse['write']
  res.end = end as ServerResponse['end']
  return before
}

function sharedWrite(this: Required<Hooked>, ...args: Arguments): boolean {
  return this[HOOKS].onWrite(args)
}

function sharedEnd(this: Required<Hooked>, ...args: Arguments): ServerResponse {
  return this[HOOKS].onEnd(args)
}
