import { refresh, startAccount } from './account.js'
import { ask } from './ask.js'
import { byId } from './dom.js'
import { createEditor } from './editor.js'
import { fillChoices, nearValue, showFacts } from './facts.js'
import { startFavourites } from './favourites.js'
import { formatMs } from './format.js'
import { onPress, onSubmit } from './forms.js'
import { hammer } from './hammer.js'
import { remember } from './history.js'
import { nameKind } from './kinds.js'
import { showLimits } from './limits.js'
import { showHistory } from './panels.js'
import { drawError, drawOutcome, drawPlaces, drawRefusal, drawSummary } from './results.js'

const facts = await (await fetch('/facts.json')).json()
showFacts(facts)
fillChoices(facts)
const editor = createEditor(facts, request)

onSubmit('summary-form', () => askSummary(1))
onPress('ask-often', () => askSummary(20))
onSubmit('near-form', askNear)
onSubmit('edit-form', editor.save)
onPress('hammer', () => hammer(() => send('GET', nearPath())))
window.addEventListener('resize', showHistory)
showHistory()
startFavourites(refresh)
await Promise.all([editor.start(), startAccount(facts, { onSubmit, onPress })])

async function askSummary(times) {
  const path = `/api/countries/${byId('country').value}/summary`
  for (let i = 0; i < times; i++)
    await request('summary-result', 'GET', path, undefined, drawSummary)
}

async function askNear() {
  await request('near-result', 'GET', nearPath(), undefined, drawPlaces)
}

function nearPath() {
  return `/api/cities?${new URLSearchParams({ near: nearValue(), limit: byId('limit').value })}`
}

/** Sends a request, and shows its answer and what the cache made of it. */
async function request(target, method, path, body, draw) {
  const made = await send(method, path, body)
  byId(target).replaceChildren(
    ...(made === undefined
      ? drawError('The server did not answer. Is the demo still running?')
      : [drawOutcome(made), ...drawAnswer(made, draw)]),
  )
  return made
}

function drawAnswer(made, draw) {
  if (made.status === 200) return draw(made.answer)
  return made.kind === 'refused' ? drawRefusal(made) : drawError(made.answer.error)
}

/** Sends a request and remembers it; `undefined` when the server did not answer. */
async function send(method, path, body) {
  const made = await ask(method, path, body).catch(() => undefined)
  if (made === undefined) return undefined
  remember(made)
  showHistory()
  showLimits(made.limits)
  byId('announce').textContent = `${nameKind(made)}, ${formatMs(made.serverMs)}`
  return made
}
