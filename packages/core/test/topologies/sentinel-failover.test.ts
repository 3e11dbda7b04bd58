import { describeFailover } from './failover-suite.ts'
import { asInput, MAJORS, openSentinel, useSentinel } from './sites.ts'

const redis = useSentinel()

const behaviour = {
  findMaster: async () => await redis.sentinel.master(),
  failover: async () => void (await redis.sentinel.failover()),
}

for (const major of MAJORS) {
  describeFailover(`A cache on a master that Sentinels watch, by a client of ${major},`, {
    connect: () => {
      const client = openSentinel(redis.sentinel, major)
      return { redis: asInput(client), disconnect: () => client.disconnect() }
    },
    ...behaviour,
  })
}

describeFailover('A cache on a master that Sentinels watch, by a client of its own,', {
  connect: () => ({ redis: redis.sentinel.options, disconnect: () => {} }),
  ...behaviour,
})
