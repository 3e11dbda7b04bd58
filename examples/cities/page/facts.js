import { byId, el } from './dom.js'

const coordinates = new Map()

/** Says under the title what runs here. */
export function showFacts(facts) {
  const onFastify = facts.urls.fastify.endsWith(`:${location.port}`)
  const [here, other] = onFastify ? ['Fastify', 'Express'] : ['Express', 'Fastify']
  const url = onFastify ? facts.urls.express : facts.urls.fastify
  byId('facts').append(
    el('li', {}, `Served by ${here} (`, el('a', { href: url }, `the same on ${other}`), ')'),
    el('li', {}, facts.database),
    el('li', {}, facts.redis ? 'Cached in memory and Redis' : 'Cached in memory'),
    el('li', {}, `Sessions and limits in ${facts.redis ? 'Redis' : 'memory'}`),
  )
}

/** Fills the lists of countries and of large cities, and chooses France and Paris. */
export function fillChoices({ countries, places }) {
  for (const place of places) coordinates.set(place.label, `${place.lat},${place.lon}`)
  byId('country').append(...countries.map(({ code, name }) => el('option', { value: code }, name)))
  byId('places').append(...places.map((place) => el('option', { value: place.label })))
  if (countries.some(({ code }) => code === 'FR')) byId('country').value = 'FR'
  byId('near').value = (places.find((place) => place.label === 'Paris, France') ?? places[0]).label
}

/** The coordinates of the city that was chosen, or else what was typed. */
export function nearValue() {
  const typed = byId('near').value.trim()
  return coordinates.get(typed) ?? typed
}
