import type { Driver } from '@hotpath/testing/coherence'
import { openHotpath } from './hotpath-cache.ts'

/** Ours. */
export const driver: Driver = {
  name: 'hotpath',
  declares: true,
  open: (settings) => openHotpath(settings, settings.redisUrl),
}
