import { describe, it } from 'vitest'
import { SourceUnavailable } from '../../src/sources/source.ts'

/**
 * Runs `suite` with what `start` gives, or leaves it out, with the reason, where this machine
 * cannot have such a server. Whatever else goes wrong is thrown.
 */
export async function trySource<Server>(
  title: string,
  start: () => Promise<Server>,
  suite: (server: Server) => void,
): Promise<void> {
  try {
    const server = await start()
    describe(title, () => suite(server))
  } catch (error) {
    const [reason] = error instanceof AggregateError ? error.errors : [error]
    if (!(reason instanceof SourceUnavailable)) throw error
    describe(title, () => it.skip(`(${reason.message})`))
  }
}
