import { describeFailover } from './failover-suite.ts'
import { asInput, MAJORS, openCluster, useCluster } from './sites.ts'

const redis = useCluster({ replicas: 1 })

for (const major of MAJORS) {
  describeFailover(`A cache on a Cluster, by ${major},`, {
    connect: () => {
      const client = openCluster(redis.cluster, major)
      return { redis: asInput(client), disconnect: () => client.disconnect() }
    },
    findMaster: async (key) => await redis.cluster.ownerOf(await redis.cluster.slotOf(key)),
    failover: async (master) => void (await redis.cluster.failover(master)),
  })
}
