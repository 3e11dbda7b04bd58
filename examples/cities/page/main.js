import { ask } from './ask.js'
import { byId } from './dom.js'
import { createEditor } from './editor.js'
import { fillChoices, nearValue, showFacts } from './facts.js'
import { formatMs } from './format.js'
import { remember } from './history.js'
import { nameKind } from './kinds.js'
import { showHistory } from './panels.js'
import { drawError, drawOutcome, drawPlaces, drawSummary } from './results.js'

const facts = await (await fetch('/facts.json')).json()
showFacts(facts)
fillChoices(facts)
const editor = createEditor(facts, request)

onSubmit('summary-form', () => askSummary(1))
byId('ask-often').addEventListener('click', (event) =>
  whileBusy(event.currentTarget, () => askSummary(20)),
)
onSubmit('near-form', askNear)
onSubmit('edit-form', editor.save)
window.addEventListener('resize', showHistory)
showHistory()
await editor.start()

async function askSummary(times) {
  const path = `/api/countries/${byId('country').value}/summary`
  for (let i = 0; i < times; i++)
    await request('summary-result', 'GET', path, undefined, drawSummary)
}

async function askNear() {
  const query = new URLSearchParams({ near: nearValue(), limit: byId('limit').value })
  await request('near-result', 'GET', `/api/cities?${query}`, undefined, drawPlaces)
}

/** Sends a request, and shows its answer and what the cache made of it. */
async function request(target, method, path, body, draw) {
  try {
    const made = await ask(method, path, body)
    remember(made)
    const drawn = made.status === 200 ? draw(made.answer) : drawError(made.answer.error)
    byId(target).replaceChildren(drawOutcome(made), ...drawn)
    byId('announce').textContent = `${nameKind(made)}, ${formatMs(made.serverMs)}`
    showHistory()
    return made
  } catch {
    byId(target).replaceChildren(
      ...drawError('The server did not answer. Is the demo still running?'),
    )
    return undefined
  }
}

function onSubmit(id, work) {
  byId(id).addEventListener('submit', (event) => {
    event.preventDefault()
    return whileBusy(event.submitter, work)
  })
}

/** Keeps a button from being pressed twice while its request is under way. */
async function whileBusy(button, work) {
  if (button.ariaBusy === 'true') return
  button.ariaBusy = 'true'
  await work()
  button.ariaBusy = 'false'
}
