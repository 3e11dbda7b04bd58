import { useRedis } from '../support/harness.ts'
import { standalone } from '../support/site.ts'
import { describeLeases } from './leases-suite.ts'

describeLeases(standalone(useRedis()))
