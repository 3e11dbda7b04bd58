import { describeCache } from '../cache/cache-suite.ts'
import { describeSite } from './describe-site.ts'
import { asInput, MAJORS, openCluster, siteOf, useClient, useCluster } from './sites.ts'

const redis = useCluster()
const alone = useClient(() => openCluster(redis.cluster))

for (const major of MAJORS) {
  const holder = useClient(() => openCluster(redis.cluster, major))
  describeSite(
    `a Cluster by ${major}`,
    siteOf(holder, () => redis.cluster.masters()),
  )
}

describeCache('A cache on a Cluster, without memory', {
  hasMemory: false,
  hasRedis: true,
  connect: () => ({ options: { redis: asInput(alone.client), memory: false } }),
})
