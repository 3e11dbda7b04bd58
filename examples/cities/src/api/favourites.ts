import { findCities, findCity } from '../data/cities.ts'
import type { Database } from '../data/database.ts'
import { type Answer, noCity } from './api.ts'
import { cityParams, parseInput } from './input.ts'
import { requireToken, type Visit } from './visit.ts'

declare module '@hotpath/session' {
  interface SessionData {
    /** Ids of cities, the latest first. */
    favourites: number[]
  }
}

/** So that a session stays small. */
const MOST = 20

/** The routes' work about a visitor's favourites, which are kept in the session. */
export interface FavouritesApi {
  list(visit: Visit): Promise<Answer>
  add(visit: Visit): Promise<Answer>
  remove(visit: Visit): Promise<Answer>
}

/** Their answers are one visitor's own, and never cached. */
export function createFavouritesApi(db: Database): FavouritesApi {
  const answer = async (ids: readonly number[]): Promise<Answer> => {
    return { status: 200, body: { cities: await findCities(db, ids) } }
  }
  return {
    async list({ session }) {
      return await answer((await session.get('favourites')) ?? [])
    },

    async add(visit) {
      await requireToken(visit)
      const { id } = parseInput(cityParams, visit.params)
      if ((await findCity(db, id)) === undefined) return noCity(id)
      // Of two clicks at once neither is lost: `update` begins anew if another request came between.
      const ids = await visit.session.update('favourites', (before = []) =>
        [id, ...before.filter((other) => other !== id)].slice(0, MOST),
      )
      return await answer(ids ?? [])
    },

    async remove(visit) {
      await requireToken(visit)
      const { id } = parseInput(cityParams, visit.params)
      const ids = await visit.session.update('favourites', (before = []) =>
        before.filter((other) => other !== id),
      )
      return await answer(ids ?? [])
    },
  }
}
