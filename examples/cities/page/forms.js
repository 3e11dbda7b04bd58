import { byId } from './dom.js'

/** Does `work` when a form is sent. */
export function onSubmit(id, work) {
  byId(id).addEventListener('submit', (event) => {
    event.preventDefault()
    return whileBusy(event.submitter, work)
  })
}

/** Does `work` when a button is pressed. */
export function onPress(id, work) {
  byId(id).addEventListener('click', ({ currentTarget }) => whileBusy(currentTarget, work))
}

/** Keeps a button from being pressed twice while its request is under way. */
async function whileBusy(button, work) {
  if (button.ariaBusy === 'true') return
  button.ariaBusy = 'true'
  await work()
  button.ariaBusy = 'false'
}
