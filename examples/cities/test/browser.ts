import type { Demo } from '../src/start/start-demo.ts'

export const SERVERS = ['express', 'fastify'] as const
export type ServerName = (typeof SERVERS)[number]

export interface Reply {
  status: number
  headers: Headers
  body: Body
}

/** What answers hold, each some of it: the tests say what they expect of which. */
interface Body {
  user: string | null
  error: string
  token: string
  cities: { id: number; name: string }[]
  sessions: { handle: string; device: string; lastSeenAt: string; isThis: boolean }[]
  'violated-policies': string[]
}

/** A browser: one jar of cookies for both servers, as for ports of one host. */
export class Browser {
  readonly #demo: Demo
  #cookie: string | undefined
  userAgent = 'Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0'

  constructor(demo: Demo) {
    this.#demo = demo
  }

  /** What it sends as `Cookie`. */
  get cookie(): string | undefined {
    return this.#cookie
  }

  async ask(
    server: ServerName,
    path: string,
    { method = 'GET', body, token }: { method?: string; body?: unknown; token?: string } = {},
  ): Promise<Reply> {
    const response = await fetch(this.#demo.urls[server] + path, {
      method,
      headers: {
        'User-Agent': this.userAgent,
        ...(this.#cookie && { Cookie: this.#cookie }),
        ...(token && { 'X-CSRF-Token': token }),
        ...(body !== undefined && { 'Content-Type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    for (const cookie of response.headers.getSetCookie()) {
      const [pair = ''] = cookie.split(';', 1)
      this.#cookie = /max-age=0|expires=thu, 01 jan 1970/i.test(cookie) ? undefined : pair
    }
    return {
      status: response.status,
      headers: response.headers,
      body: (await response.json()) as Body,
    }
  }

  /** A change, with the token that it needs, as the page sends it. */
  async change(server: ServerName, method: string, path: string, body?: unknown): Promise<Reply> {
    const { body: answer } = await this.ask(server, '/api/csrf-token')
    return await this.ask(server, path, { method, body, token: answer.token })
  }

  login(server: ServerName, user: string): Promise<Reply> {
    return this.change(server, 'POST', '/api/login', { user })
  }

  async user(server: ServerName): Promise<string | null> {
    return (await this.ask(server, '/api/me')).body.user
  }

  async favourites(server: ServerName): Promise<number[]> {
    const { body } = await this.ask(server, '/api/favourites')
    return body.cities.map(({ id }) => id)
  }
}
