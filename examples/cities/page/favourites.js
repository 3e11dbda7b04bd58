import { change, read } from './account-requests.js'
import { byId, el } from './dom.js'
import { formatCount } from './format.js'

let ids = new Set()

/** A button that keeps a place as a favourite, or lets go of it. */
export function drawStar({ id, name }) {
  const star = el('button', { type: 'button', class: 'star', 'data-city': id, 'data-name': name })
  return mark(star)
}

/** Makes every such button of the page work, those that are drawn later too. */
export function startFavourites(refresh) {
  document.addEventListener('click', async ({ target }) => {
    const star = target.closest?.('.star')
    if (!star) return
    const id = Number(star.dataset.city)
    const made = await change(ids.has(id) ? 'DELETE' : 'PUT', `/api/favourites/${id}`)
    // The session may have ended meanwhile: whose it is now is asked anew, with all that it holds.
    await refresh()
    if (made.status !== 200) say(made.answer.error)
    // The star that was pressed may be gone.
    if (document.activeElement === document.body) byId('favourites-title').focus()
    byId('announce').textContent = `${star.dataset.name}: ${ids.has(id) ? 'kept' : 'let go'}`
  })
}

/** Asks anew which they are. */
export async function showFavourites() {
  const { status, answer } = await read('/api/favourites')
  say(status === 200 ? '' : answer.error)
  if (status !== 200) return
  ids = new Set(answer.cities.map(({ id }) => id))
  byId('favourites').replaceChildren(
    ...(answer.cities.length > 0 ? answer.cities.map(drawFavourite) : [drawNone()]),
  )
  for (const star of document.querySelectorAll('.star')) mark(star)
}

function say(text) {
  byId('favourites-said').textContent = text
}

function drawFavourite(city) {
  return el(
    'li',
    {},
    drawStar(city),
    el('span', {}, `${city.name} `, el('span', { class: 'country' }, city.country)),
    el('span', { class: 'number' }, formatCount(city.population)),
  )
}

function drawNone() {
  return el('li', { class: 'hint' }, 'None yet. Ask for places nearby, and press the star of one.')
}

function mark(star) {
  const isKept = ids.has(Number(star.dataset.city))
  star.textContent = isKept ? '\u2605' : '\u2606'
  star.setAttribute('aria-pressed', String(isKept))
  star.setAttribute('aria-label', `Keep ${star.dataset.name} as a favourite`)
  return star
}
