import { describeCache } from '../cache/cache-suite.ts'
import { describeSite } from './describe-site.ts'
import { asInput, MAJORS, openSentinel, siteOf, useClient, useSentinel } from './sites.ts'

const redis = useSentinel()
const alone = useClient(() => openSentinel(redis.sentinel))

for (const major of MAJORS) {
  const holder = useClient(() => openSentinel(redis.sentinel, major))
  const listMasters = async () => [await redis.sentinel.master()]
  describeSite(`a master that Sentinels watch, by ${major}`, siteOf(holder, listMasters))
}

describeCache('A cache on a master that Sentinels watch, without memory', {
  hasMemory: false,
  hasRedis: true,
  connect: () => ({ options: { redis: asInput(alone.client), memory: false } }),
})
