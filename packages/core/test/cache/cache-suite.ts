import { describe } from 'vitest'
import { type CacheDriver, useCaches } from '../support/harness.ts'
import { describeBulk } from './suite/bulk.ts'
import { describeInvalidation } from './suite/invalidation.ts'
import { describeLoading } from './suite/loading.ts'
import { describeMisuse } from './suite/misuse.ts'
import { describeNamespaces } from './suite/namespaces.ts'
import { describeObserving } from './suite/observing.ts'
import { describeReading } from './suite/reading.ts'
import { describeValues } from './suite/values.ts'

/** What every cache does, however it is built: the public contract of `Cache` but for time. */
export function describeCache(name: string, driver: CacheDriver): void {
  describe(name, () => {
    const harness = useCaches(driver)

    describeValues(harness)
    describeReading(harness)
    describeLoading(harness)
    describeBulk(harness)
    describeInvalidation(harness)
    describeNamespaces(harness)
    describeMisuse(harness)
    describeObserving(harness)
  })
}
