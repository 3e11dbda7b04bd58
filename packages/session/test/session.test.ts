import { useRedis } from './harness.ts'
import { nodeDriver, sessionSuite } from './session-suite.ts'

const redis = useRedis()
sessionSuite(nodeDriver(), { name: 'memory', options: () => ({}) })
sessionSuite(nodeDriver(), { name: 'Redis', options: () => ({ redis: redis.server.url }) })
