import { createRedisLink } from '@hotpath/core'
import type { Driver } from '@hotpath/testing/coherence'
import { forwardLink } from './forward-link.ts'
import { openHotpath, skewedClock } from './hotpath-cache.ts'

/**
 * Ours with a tracking connection that hears nothing of what it is told, and says that all is well.
 * For the checker alone: it must find that.
 */
export const driver: Driver = {
  name: 'deaf',
  declares: true,
  open: (settings) => {
    const link = createRedisLink(settings.redisUrl, { clock: skewedClock(settings.clockOffsetMs) })
    const openSubscribers: typeof link.openSubscribers = () => {
      const connections = link.openSubscribers()
      for (const connection of connections) {
        const { emit } = connection
        connection.emit = (event, ...args) =>
          event === 'messageBuffer' ? true : emit.call(connection, event, ...args)
      }
      return connections
    }
    return openHotpath(settings, forwardLink(link, { openSubscribers }), link)
  },
}
