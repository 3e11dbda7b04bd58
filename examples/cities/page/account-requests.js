let token

/** Asks for what is the visitor's own: with the cookie of the session. */
export function read(path) {
  return send('GET', path)
}

/**
 * Sends a change, with the token that shows that this page asked for it. The token of a session that
 * has ended is refused with 403: then it is asked once more, in the session that there is now. Whose
 * that is, the caller finds out.
 */
export async function change(method, path, body) {
  const made = await changeWithToken(method, path, body)
  if (made.status !== 403) return made
  token = undefined
  return await changeWithToken(method, path, body)
}

/** A login or logout begins another session, and each has its own token. */
export function forgetToken() {
  token = undefined
}

async function changeWithToken(method, path, body) {
  if (token === undefined) {
    const made = await read('/api/csrf-token')
    if (made.status !== 200) return made
    token = made.answer.token
  }
  return await send(method, path, body, { 'X-CSRF-Token': token })
}

async function send(method, path, body, headers = {}) {
  try {
    const response = await fetch(path, {
      method,
      cache: 'no-store',
      credentials: 'same-origin',
      headers: { ...headers, ...(body && { 'Content-Type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    })
    return { status: response.status, answer: await response.json() }
  } catch {
    const error = 'The server did not answer. Is the demo still running?'
    return { status: 0, answer: { error } }
  }
}
