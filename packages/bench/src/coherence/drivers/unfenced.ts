import { createHash } from 'node:crypto'
import { createRedisLink, type RedisLink } from '@hotpath/core'
import type { Driver } from '@hotpath/testing/coherence'
import { forwardLink } from './forward-link.ts'
import { openHotpath } from './hotpath-cache.ts'

/**
 * FILL without its conditions: it stores an entry whoever has its lease, and whatever was deleted or
 * cleared since. It writes the same bytes, for the same time.
 */
const FILL_ALWAYS = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local freshUntil = now + math.floor(ARGV[3])
local bytes = string.sub(ARGV[2], 1, 8) .. struct.pack('<d', freshUntil) .. string.sub(ARGV[2], 17)
redis.call('DEL', KEYS[2])
redis.call('SET', KEYS[1], bytes, 'PX', ARGV[4])
return freshUntil`

/** Ours with the fence of fills taken out. For the checker alone: it must find that. */
export const driver: Driver = {
  name: 'unfenced',
  declares: true,
  open: (settings) => {
    const link = createRedisLink(settings.redisUrl)
    const sha = createHash('sha1').update(FILL_ALWAYS).digest('hex')
    const run: RedisLink['run'] = (script, keys, args) =>
      link.run(script.name === 'fill' ? { ...script, lua: FILL_ALWAYS, sha } : script, keys, args)
    return openHotpath(settings, forwardLink(link, { run }), link)
  },
}
