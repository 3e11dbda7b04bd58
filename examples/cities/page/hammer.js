import { countDown } from './countdown.js'
import { byId, el } from './dom.js'
import { formatSpan } from './format.js'
import { nameKind } from './kinds.js'

const SEARCHES = 30
const AT_ONCE = 6
/** Longer than that nobody waits and watches. */
const WATCHED_MS = 120_000

/** Searches without a pause until it is refused, waits as long as the refusal says, and tries again. */
export async function hammer(search) {
  const cells = el('div', { class: 'cells', role: 'img' })
  const summary = el('p', {})
  byId('hammer-result').replaceChildren(cells, summary)

  const answers = await searchMany(search, (made) => cells.append(drawCell(made)))
  const refusals = answers.filter(({ status }) => status === 429)
  const answered = answers.filter(({ status }) => status === 200).length
  const count = `${answered} answered, ${refusals.length} refused.`
  cells.ariaLabel = `${answers.length} searches: ${count}`
  summary.textContent = count
  if (refusals.length === 0) return

  const waitMs = Math.max(...refusals.map(({ retryMs }) => retryMs ?? 0))
  if (waitMs > WATCHED_MS) {
    summary.append(` The next gets in after ${formatSpan(waitMs)}.`)
    return
  }
  const clock = el('strong', { class: 'clock' })
  summary.append(' The next gets in after ', clock, '.')
  await countDown(clock, waitMs)
  const after = await search()
  const outcome = after?.status === 200 ? 'answered again.' : 'not answered yet.'
  summary.replaceChildren(`${count} After ${formatSpan(waitMs)}: `, el('strong', {}, outcome))
  byId('announce').textContent = summary.textContent
}

/** A few at a time, as an eager client would; those without an answer are left out. */
async function searchMany(search, show) {
  const answers = []
  let asked = 0
  const worker = async () => {
    while (asked < SEARCHES) {
      asked++
      const made = await search()
      if (made === undefined) return
      answers.push(made)
      show(made)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  return answers
}

function drawCell(made) {
  return el('span', { class: `cell ${made.kind}`, title: nameKind(made) })
}
