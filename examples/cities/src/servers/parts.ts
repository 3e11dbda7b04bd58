import type { Cache } from '@hotpath/core'
import type { RequestLimiter } from '@hotpath/rate-limit'
import type { SessionManager } from '@hotpath/session'
import type { AccountApi } from '../api/account.ts'
import type { Api } from '../api/api.ts'
import type { FavouritesApi } from '../api/favourites.ts'
import type { Page } from './page.ts'

/** What both servers are made of: the same objects, so that each sees what the other does. */
export interface Parts {
  api: Api
  account: AccountApi
  favourites: FavouritesApi
  cache: Cache
  sessions: SessionManager
  searchLimits: RequestLimiter
  page: Page
}
