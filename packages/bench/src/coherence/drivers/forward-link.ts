import type { RedisLink } from '@hotpath/core'

/** A link that does all that another does, but for what is given. */
export function forwardLink(
  link: RedisLink,
  instead: Partial<Pick<RedisLink, 'run' | 'openSubscribers'>>,
): RedisLink {
  return {
    kind: link.kind,
    get state() {
      return link.state
    },
    get isUsable() {
      return link.isUsable
    },
    isCluster: link.isCluster,
    keyPrefix: link.keyPrefix,
    command: (name, ...args) => link.command(name, ...args),
    run: (script, keys, args) => link.run(script, keys, args),
    openSubscribers: () => link.openSubscribers(),
    on: (event, listener) => link.on(event, listener),
    close: () => link.close(),
    ...instead,
  }
}
