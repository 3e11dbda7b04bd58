import type { PolicyOptions } from '@hotpath/rate-limit'

/** How often one address may search: so many at once, and so many a day. */
export const SEARCH_POLICIES: readonly PolicyOptions[] = [
  { name: 'burst', limit: 10, window: '10s' },
  { name: 'daily', limit: 1_000, window: '1d' },
]
