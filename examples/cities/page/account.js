import { change, forgetToken, read } from './account-requests.js'
import { byId, el } from './dom.js'
import { showFavourites } from './favourites.js'
import { showSessions } from './sessions.js'

const FOCUS_DELAY_MS = 400

let user = null

/** The card "Your session": who is logged in, and where else. */
export async function startAccount({ users }, { onSubmit, onPress }) {
  byId('user').append(...users.map((name) => el('option', { value: name }, name)))
  onSubmit('login-form', logIn)
  onSubmit('logout-form', logOut)
  onPress('revoke-others', () => endSessions('POST', 'revoke-others'))
  onPress('refresh-sessions', refresh)
  byId('sessions').addEventListener('click', ({ target }) => {
    const { handle } = target.dataset
    if (handle) return endSessions('DELETE', handle)
  })
  // It may have been ended elsewhere while this page was not looked at. First comes the click that
  // brought the focus: it must find its button.
  window.addEventListener('focus', () => setTimeout(refresh, FOCUS_DELAY_MS))
  await refresh()
}

/** Asks anew whose session it is, and shows what belongs to it. */
export async function refresh() {
  const { status, answer } = await read('/api/me')
  if (status !== 200) return say(answer.error, true)
  const before = user
  user = answer.user
  byId('login-form').hidden = user !== null
  byId('account').hidden = user === null
  byId('user-name').textContent = user ?? ''
  if (before !== null && user === null) say('This session has ended.', false)
  await Promise.all([user === null ? undefined : showSessions(), showFavourites()])
}

async function logIn() {
  const name = byId('user').value
  const made = change('POST', '/api/login', { user: name })
  await attempt(made, 'Logged in. The session has a new id now; what was in it has stayed.')
  byId('log-out').focus()
}

async function logOut() {
  const made = await change('POST', '/api/logout')
  user = null
  await attempt(made, 'Logged out.')
  byId('user').focus()
}

async function endSessions(method, which) {
  await attempt(change(method, `/api/sessions/${which}`), 'Ended: who uses it is logged out.')
  // The button that was pressed is gone.
  byId('refresh-sessions').focus()
}

async function attempt(made, success) {
  const { status, answer } = await made
  forgetToken()
  await refresh()
  if (status === 200) say(success, false)
  else if (status !== 401) say(answer.error, true)
}

function say(text, isError) {
  byId('account-said').className = isError ? 'said error' : 'said'
  byId('account-said').textContent = text
}
