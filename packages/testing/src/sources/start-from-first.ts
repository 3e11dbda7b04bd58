import { type Source, SourceUnavailable } from './source.ts'

/** What has been found out about this machine, so that later starts do not ask again. */
const closed = new WeakMap<object, SourceUnavailable>()

/**
 * Starts a server from the first source that is available, and remembers those that are not.
 * Where none is, the error says what was tried, why it failed and, by `advice`, what to do.
 */
export async function startFromFirst<Options, Server>(
  sources: readonly Source<string, Options, Server>[],
  options: Options,
  advice: string,
): Promise<Server> {
  const reasons: SourceUnavailable[] = []
  for (const source of sources) {
    const reason = closed.get(source) ?? (await tryOne(source, options))
    if (!(reason instanceof SourceUnavailable)) return reason.server
    reasons.push(reason)
  }
  const tried = reasons.map((reason) => `  - ${reason.message}`).join('\n')
  throw new AggregateError(reasons, `${advice}\nTried:\n${tried}`)
}

async function tryOne<Options, Server>(
  source: Source<string, Options, Server>,
  options: Options,
): Promise<{ server: Server } | SourceUnavailable> {
  try {
    return { server: await source.start(options) }
  } catch (error) {
    if (!(error instanceof SourceUnavailable)) throw error
    if (error.obstacle === 'machine') closed.set(source, error)
    return error
  }
}
