import { useRedis } from '../support/harness.ts'
import { standalone } from '../support/site.ts'
import { describeCoherence } from './coherence-suite.ts'

describeCoherence(standalone(useRedis()))
