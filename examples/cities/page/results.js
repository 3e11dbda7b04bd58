import { countDown } from './countdown.js'
import { el } from './dom.js'
import { drawStar } from './favourites.js'
import { formatCount, formatKm, formatMs } from './format.js'
import { drawBadge } from './kinds.js'

export function drawSummary(summary) {
  const { percentiles, spacing } = summary
  return [
    el(
      'dl',
      { class: 'figures' },
      ...figure('Places', formatCount(summary.places)),
      ...figure('Population', formatCount(summary.population)),
      ...figure('Median place', formatCount(percentiles.p50)),
      ...figure('One in a hundred has', `${formatCount(percentiles.p99)} or more`),
      ...figure('Inequality (Gini)', summary.gini === null ? 'none' : summary.gini.toFixed(2)),
      ...figure(
        'Large towns lie apart',
        spacing === null ? 'only one' : formatKm(spacing.medianKm),
      ),
    ),
    el(
      'p',
      {},
      `Largest: ${summary.largest.map((place) => `${place.name} ${formatCount(place.population)}`).join(', ')}.`,
    ),
  ]
}

export function drawPlaces({ cities }) {
  return [
    el(
      'table',
      {},
      el(
        'thead',
        {},
        el(
          'tr',
          {},
          el(
            'th',
            { scope: 'col', class: 'starred' },
            el('span', { class: 'visually-hidden' }, 'Favourite'),
          ),
          el('th', { scope: 'col' }, 'Place'),
          el('th', { scope: 'col', class: 'number' }, 'Population'),
          el('th', { scope: 'col', class: 'number' }, 'Distance'),
        ),
      ),
      el('tbody', {}, ...cities.map(drawPlace)),
    ),
  ]
}

export function drawCity(city) {
  return [el('p', {}, `${city.name} has ${formatCount(city.population)} inhabitants.`)]
}

export function drawSaved(city, countryName) {
  return [
    el(
      'p',
      {},
      `${city.name} has ${formatCount(city.population)} inhabitants now. Gone from the cache: every answer that shows ${city.name}, and the figures of ${countryName}.`,
    ),
  ]
}

/** What the cache did for this answer, and how long the server took. */
export function drawOutcome(request) {
  return el(
    'p',
    { class: 'outcome' },
    drawBadge(request),
    ` ${formatMs(request.serverMs)} in the server`,
  )
}

/** Says which limit refused, and counts down to when it is worth asking again. */
export function drawRefusal({ answer, retryMs }) {
  const clock = el('strong', { class: 'clock' })
  const text = el('p', { class: 'error' }, 'Too many searches. Ask again in ', clock, '.')
  void countDown(clock, retryMs ?? 0).then(() => text.replaceChildren('You can ask again.'))
  return [
    text,
    el('p', { class: 'hint' }, `Refused by: ${answer['violated-policies']?.join(', ')}.`),
  ]
}

export function drawError(message) {
  return [el('p', { class: 'error' }, message)]
}

function figure(name, value) {
  return [el('div', {}, el('dt', {}, name), el('dd', {}, value))]
}

function drawPlace(city) {
  return el(
    'tr',
    {},
    el('td', { class: 'starred' }, drawStar(city)),
    el('td', {}, `${city.name} `, el('span', { class: 'country' }, city.country)),
    el('td', { class: 'number' }, formatCount(city.population)),
    el('td', { class: 'number' }, formatKm(city.km)),
  )
}
