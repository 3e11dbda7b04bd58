/** A browser that knows only what a user of the demo needs: a cookie, and the token of its session. */
export class Visitor {
  #cookie = ''

  /** Gives the answer; throws where it says that something was wrong. */
  async ask(method: string, url: string, body?: unknown): Promise<unknown> {
    if (method === 'GET') return await this.#send(method, url)
    const { origin } = new URL(url)
    const { token } = (await this.#send('GET', `${origin}/api/csrf-token`)) as { token: string }
    return await this.#send(method, url, { 'X-CSRF-Token': token }, body)
  }

  async #send(
    method: string,
    url: string,
    headers: Record<string, string> = {},
    body?: unknown,
  ): Promise<unknown> {
    const response = await fetch(url, {
      method,
      headers: { ...headers, ...(this.#cookie === '' ? {} : { Cookie: this.#cookie }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const [cookie = this.#cookie] = response.headers.getSetCookie()
    this.#cookie = cookie.split(';', 1)[0] ?? ''
    const answer = await response.text()
    console.log(`${method} ${url} -> ${response.status}`)
    if (!response.ok) throw new Error(`${method} ${url}: found ${response.status} ${answer}`)
    return JSON.parse(answer)
  }
}
