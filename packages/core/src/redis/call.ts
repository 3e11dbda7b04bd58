import type { Client } from './client.ts'
import type { Argument, Script } from './types.ts'

/** Runs one command by its own method: `client.call` loses its name under auto-pipelining. */
export function call(client: Client, name: string, args: readonly Argument[]): Promise<unknown> {
  type Commands = Record<string, (...args: readonly Argument[]) => Promise<unknown>>
  const send = (client as object as Commands)[`${name}Buffer`]
  if (send === undefined) return Promise.reject(new TypeError(`Unknown command ${name}`))
  return send.apply(client, [...args])
}

/** Runs a script by EVALSHA; by EVAL where Redis does not know it yet, unless that `isLate` by then. */
export async function evaluate(
  client: Client,
  script: Script,
  keys: readonly string[],
  args: readonly Argument[],
  isLate: () => boolean,
): Promise<unknown> {
  try {
    return await call(client, 'evalsha', [script.sha, keys.length, ...keys, ...args])
  } catch (error) {
    // What was given up may have been made good already; done late, it would undo that.
    if (!(error as Error).message.startsWith('NOSCRIPT') || isLate()) throw error
    return await call(client, 'eval', [script.lua, keys.length, ...keys, ...args])
  }
}
