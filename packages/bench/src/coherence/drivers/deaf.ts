import type { Driver } from '@hotpath/testing/coherence'
import { Redis } from 'ioredis'
import { openHotpath } from './hotpath-cache.ts'

/**
 * Ours with connections that hear nothing of what is published to them, while all seems to be well.
 * For the checker alone: it must find that.
 */
export const driver: Driver = {
  name: 'deaf',
  declares: true,
  open: (settings) => {
    const { emit } = Redis.prototype
    Redis.prototype.emit = function (event: string | symbol, ...args: unknown[]): boolean {
      return event === 'messageBuffer' || emit.call(this, event, ...args)
    }
    return openHotpath(settings, settings.redisUrl)
  },
}
