import { outageSuite } from './outage-suite.ts'
import { nodeDriver } from './session-suite.ts'

outageSuite(nodeDriver())
