import { el } from './dom.js'

/** What each kind of answer is called on the page. */
export const NAMES = {
  memory: 'hit, memory',
  redis: 'hit, Redis',
  miss: 'miss',
  refused: 'refused',
  other: 'not cached',
}

export function nameKind({ status, kind }) {
  return status < 400 || kind === 'refused' ? NAMES[kind] : `error ${status}`
}

export function drawBadge(request) {
  return el('span', { class: `badge ${request.kind}` }, nameKind(request))
}
