import type { Cache } from '@hotpath/core'
import { findCitiesNear, findCity, updatePopulation } from '../data/cities.ts'
import { listCountries } from '../data/countries.ts'
import type { Database } from '../data/database.ts'
import { summarizeCountry } from '../data/summary.ts'
import { cityParams, countryParams, nearQuery, parseInput, populationBody } from './input.ts'
import { cityTag, countryTag } from './tags.ts'

/** What a framework sends. `tags` name rows of the body that only the query could find. */
export interface Answer {
  status: number
  body: unknown
  tags?: readonly string[]
  headers?: Readonly<Record<string, string>>
}

/** The routes' work, without a framework and without a word about caching responses. */
export interface Api {
  getCity(params: unknown): Promise<Answer>
  getCitiesNear(query: unknown): Promise<Answer>
  getSummary(params: unknown): Promise<Answer>
  patchCity(params: unknown, body: unknown): Promise<Answer>
}

export function createApi(db: Database, cache: Cache): Api {
  return {
    async getCity(params) {
      const { id } = parseInput(cityParams, params)
      const city = await findCity(db, id)
      return city === undefined ? noCity(id) : { status: 200, body: city }
    },

    async getCitiesNear(query) {
      const { near, limit } = parseInput(nearQuery, query)
      const cities = await findCitiesNear(db, near, limit)
      return { status: 200, body: { near, cities }, tags: cities.map((city) => cityTag(city.id)) }
    },

    async getSummary(params) {
      const { code } = parseInput(countryParams, params)
      if (!(await listCountries(db, cache)).includes(code)) {
        return { status: 404, body: { error: `There is no country ${code} here` } }
      }
      return { status: 200, body: await summarizeCountry(db, code) }
    },

    async patchCity(params, body) {
      const { id } = parseInput(cityParams, params)
      const { population } = parseInput(populationBody, body)
      const city = await updatePopulation(db, id, population)
      if (city === undefined) return noCity(id)
      // The change is committed: from here on nothing made from the old row is served, on any port.
      await cache.deleteByTag(cityTag(id), countryTag(city.country))
      return { status: 200, body: city }
    },
  }
}

export function noCity(id: number): Answer {
  return { status: 404, body: { error: `There is no city ${id}` } }
}
