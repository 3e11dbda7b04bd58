import { byId, el } from './dom.js'
import { drawCity, drawSaved } from './results.js'

/** The form that changes a population; `request` sends, remembers and shows a request. */
export function createEditor({ places, countries }, request) {
  const countryNames = new Map(countries.map(({ code, name }) => [code, name]))
  const path = () => `/api/cities/${byId('city').value}`

  async function lookUp() {
    const made = await request('edit-result', 'GET', path(), undefined, drawCity)
    if (made?.status === 200) byId('population').value = made.answer.population
  }

  async function save() {
    const population = Number(byId('population').value)
    await request('edit-result', 'PATCH', path(), { population }, (city) =>
      drawSaved(city, countryNames.get(city.country)),
    )
  }

  async function start() {
    byId('city').append(...places.map((place) => el('option', { value: place.id }, place.label)))
    const paris = places.find((place) => place.label === 'Paris, France')
    if (paris) byId('city').value = paris.id
    byId('city').addEventListener('change', lookUp)
    await lookUp()
  }

  return { start, save }
}
