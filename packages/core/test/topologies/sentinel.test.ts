import { describeSite } from './describe-site.ts'
import { MAJORS, openSentinel, siteOf, useClient, useSentinel } from './sites.ts'

const redis = useSentinel()

for (const major of MAJORS) {
  const holder = useClient(() => openSentinel(redis.sentinel, major))
  const listMasters = async () => [await redis.sentinel.master()]
  describeSite(`a master that Sentinels watch, by ${major}`, siteOf(holder, listMasters))
}
