import type { ServerResponse } from 'node:http'
import { formatCookie, formatExpiredCookie } from '../cookie/set-cookie.ts'
import { SessionConflictError, SessionUnavailableError } from '../errors.ts'
import type { StoredSession } from '../session/stored-session.ts'
import type { HeadGate, Replacement } from './hold-response.ts'

/** What a session has to do with the head of its response. */
export class ResponseGate implements HeadGate {
  readonly #stored: StoredSession

  constructor(stored: StoredSession) {
    this.#stored = stored
  }

  settle(): Promise<void> | undefined {
    return this.#stored.settlement.settle()
  }

  changesHead(status: number): boolean {
    const { cookieChange, outage } = this.#stored
    return cookieChange !== 'none' || (outage !== undefined && status >= 500)
  }

  afterHead(): void {
    this.#stored.settlement.finish()
  }

  beforeHead(res: ServerResponse, failure: unknown): Replacement | undefined {
    const replacement = failure === undefined ? undefined : judge(failure)
    if (replacement !== undefined) return replacement
    markOutage(this.#stored, res)
    setCookie(this.#stored, res)
    return undefined
  }
}

function judge(failure: unknown): Replacement {
  if (failure instanceof SessionUnavailableError) {
    return answer(failure.status, 'Service Unavailable', failure.headers)
  }
  if (failure instanceof SessionConflictError) return answer(failure.status, 'Conflict')
  return answer(500, 'Internal Server Error')
}

function answer(status: number, text: string, headers: Record<string, string> = {}): Replacement {
  const fields = { 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'no-store' }
  return { status, headers: { ...headers, ...fields }, body: `${text}\n` }
}

/** An error page made of the store's failure says so, whichever way the framework made it. */
function markOutage({ outage }: StoredSession, res: ServerResponse): void {
  if (outage === undefined || res.statusCode < 500) return
  res.statusCode = outage.status
  for (const [name, value] of Object.entries(outage.headers)) res.setHeader(name, value)
}

function setCookie(stored: StoredSession, res: ServerResponse): void {
  const { cookie, keyring, limits } = stored.context
  if (stored.cookieChange === 'none') return
  const field =
    stored.cookieChange === 'set' && stored.id !== undefined
      ? formatCookie(cookie, keyring.format(stored.id), limits.absoluteMs || undefined)
      : formatExpiredCookie(cookie)
  const others = [res.getHeader('Set-Cookie') ?? []].flat().map(String)
  const start = `${cookie.name}=`
  res.setHeader('Set-Cookie', [...others.filter((one) => !one.startsWith(start)), field])
  res.setHeader('Cache-Control', 'no-store')
}
