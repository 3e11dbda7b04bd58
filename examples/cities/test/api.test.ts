import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Demo } from '../src/start/start-demo.ts'
import { MARSEILLE, PARIS, startSmall } from './start.ts'

let demo: Demo

beforeAll(async () => {
  demo = await startSmall()
}, 60_000)

afterAll(() => demo.close())

interface Asked {
  status: number
  /** `hit`, `miss`, or `none` where the answer says nothing of a cache. */
  cache: string
  body: Record<string, unknown>
}

async function ask(
  server: 'express' | 'fastify',
  path: string,
  init?: RequestInit,
): Promise<Asked> {
  const response = await fetch(demo.urls[server] + path, init)
  const status = response.headers.get('Cache-Status')
  return {
    status: response.status,
    cache: status === null ? 'none' : /;\s*hit\b/.test(status) ? 'hit' : 'miss',
    body: (await response.json()) as Asked['body'],
  }
}

function patch(server: 'express' | 'fastify', id: number | string, body: string): Promise<Asked> {
  return ask(server, `/api/cities/${id}`, { method: 'PATCH', body })
}

describe.each(['express', 'fastify'] as const)('the API on %s', (server) => {
  const other = server === 'express' ? 'fastify' : 'express'

  it.each([
    '/api/countries/MC/summary',
    `/api/cities/${MARSEILLE}`,
    '/api/cities?near=43.3,5.37&limit=3',
  ])('answers %s from the database, then from the cache', async (path) => {
    const first = await ask(server, path)
    const second = await ask(server, path)

    expect([first.status, first.cache]).toEqual([200, 'miss'])
    expect([second.status, second.cache]).toEqual([200, 'hit'])
    expect(second.body).toEqual(first.body)
  })

  it('forgets on both servers what a change of population made wrong', async () => {
    const paths = [
      '/api/countries/FR/summary',
      `/api/cities/${PARIS}`,
      '/api/cities?near=48.85,2.35',
    ]
    for (const path of paths) for (const at of [server, other] as const) await ask(at, path)
    const population = server === 'express' ? 2_100_001 : 2_100_002

    const saved = await patch(server, PARIS, JSON.stringify({ population }))

    expect(saved).toMatchObject({ status: 200, body: { id: PARIS, population } })
    for (const path of paths) {
      for (const at of [server, other] as const) {
        const after = await ask(at, path)
        expect([at, path, after.cache]).toEqual([at, path, 'miss'])
        expect(JSON.stringify(after.body)).toContain(String(population))
      }
    }
  })

  it('keeps what a change did not touch', async () => {
    await ask(server, '/api/countries/MC/summary')

    await patch(server, PARIS, '{"population":2138551}')

    expect((await ask(server, '/api/countries/MC/summary')).cache).toBe('hit')
  })

  it.each([
    ['/api/cities/paris', 400, 'id: found "paris", wanted a number such as 2988507'],
    ['/api/cities/999999999', 404, 'There is no city 999999999'],
    ['/api/cities', 400, 'near: found nothing, wanted a latitude and a longitude'],
    ['/api/cities?near=91,0', 400, 'near: found "91,0", wanted a latitude and a longitude'],
    ['/api/cities?near=1,1&near=2,2', 400, 'near: found ["1,1","2,2"], wanted a latitude'],
    ['/api/cities?near=1,1&limit=0', 400, 'limit: found "0", wanted a whole number from 1 to 50'],
    ['/api/countries/france/summary', 400, 'code: found "france", wanted two capital letters'],
    ['/api/countries/ZZ/summary', 404, 'There is no country ZZ here'],
    ['/nowhere', 404, 'There is nothing at /nowhere'],
  ])('refuses %s with %i and a reason, and does not cache that', async (path, status, reason) => {
    const first = await ask(server, path)
    const second = await ask(server, path)

    expect(first.status).toBe(status)
    expect(first.body.error).toContain(reason)
    expect(second.status).toBe(status)
    expect(second.cache).not.toBe('hit')
  })

  it.each([
    [PARIS, '{"population":-1}', 400, 'population: found -1, wanted a whole number'],
    [PARIS, '{"population":"many"}', 400, 'population: found "many", wanted a whole number'],
    [PARIS, '{"population":1,"name":"P"}', 400, 'name: is not known here'],
    [PARIS, '[]', 400, 'wanted a JSON object such as {"population": 12345}'],
    [PARIS, '{"population"', 400, 'JSON'],
    ['paris', '{"population":1}', 400, 'id: found "paris"'],
    [999999999, '{"population":1}', 404, 'There is no city 999999999'],
  ])('refuses to change %s by %s with %i and a reason', async (id, body, status, reason) => {
    const refused = await patch(server, id, body)

    expect(refused.status).toBe(status)
    expect(refused.body.error).toContain(reason)
  })

  it('serves the page and each file that it needs', async () => {
    const page = await fetch(demo.urls[server])
    const html = await page.text()

    expect(page.status).toBe(200)
    expect(page.headers.get('Content-Type')).toBe('text/html; charset=utf-8')
    for (const [, path] of html.matchAll(/(?:src|href)="(\/[^"]+)"/g)) {
      expect([path, (await fetch(demo.urls[server] + path)).status]).toEqual([path, 200])
    }
    expect(await findMissingModules(`${demo.urls[server]}/main.js`)).toEqual([])
    expect((await ask(server, '/facts.json')).body).toMatchObject({ urls: demo.urls })
  })

  it('tells how long the app took for this very answer', async () => {
    const first = await fetch(`${demo.urls[server]}/api/countries/FR/summary`)
    const second = await fetch(`${demo.urls[server]}/api/countries/FR/summary`)

    expect(first.headers.get('Server-Timing')).toMatch(/^app;dur=[\d.]+$/)
    expect(second.headers.get('Server-Timing')).toMatch(/^app;dur=[\d.]+$/)
    expect(second.headers.get('Server-Timing')).not.toBe(first.headers.get('Server-Timing'))
  })
})

/** Follows the imports of a module; gives those that are not served as JavaScript. */
async function findMissingModules(entry: string): Promise<string[]> {
  const missing: string[] = []
  const found = new Set([entry])
  for (const url of found) {
    const response = await fetch(url)
    if (!response.headers.get('Content-Type')?.startsWith('text/javascript')) missing.push(url)
    for (const [, path = ''] of (await response.text()).matchAll(/ from '(\.\/[^']+)'/g))
      found.add(new URL(path, url).href)
  }
  return missing
}
