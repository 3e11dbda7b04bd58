import { read } from './account-requests.js'
import { byId, el } from './dom.js'
import { formatAgo } from './format.js'

/** Draws where the user is logged in; while Redis is away that cannot be told. */
export async function showSessions() {
  const { status, answer } = await read('/api/sessions')
  const isKnown = status === 200
  byId('sessions').replaceChildren(
    isKnown ? drawSessions(answer.sessions) : el('p', { class: 'hint' }, answer.error),
  )
  byId('revoke-others').hidden = !isKnown || answer.sessions.length < 2
}

function drawSessions(sessions) {
  return el(
    'table',
    {},
    el(
      'thead',
      {},
      el(
        'tr',
        {},
        el('th', { scope: 'col' }, 'Device'),
        el('th', { scope: 'col' }, 'Last seen'),
        el('th', { scope: 'col' }, el('span', { class: 'visually-hidden' }, 'End it')),
      ),
    ),
    el('tbody', {}, ...sessions.map(drawSession)),
  )
}

function drawSession({ handle, device, createdAt, lastSeenAt, isThis }) {
  const since = `logged in ${formatAgo(createdAt)}`
  return el(
    'tr',
    {},
    el('td', {}, device, el('span', { class: 'below' }, since)),
    el('td', {}, formatAgo(lastSeenAt)),
    el(
      'td',
      { class: 'number' },
      isThis ? el('span', { class: 'badge memory' }, 'this one') : drawEnd(handle, device, since),
    ),
  )
}

function drawEnd(handle, device, since) {
  const label = `End the session of ${device}, ${since}`
  return el(
    'button',
    { type: 'button', class: 'quiet small', 'data-handle': handle, 'aria-label': label },
    'End',
  )
}
