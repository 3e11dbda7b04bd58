import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

const ROOT = new URL('../../../../', import.meta.url)

function pages(): string[] {
  const docs = readdirSync(new URL('docs', ROOT), { recursive: true }).map((file) => `docs/${file}`)
  return ['README.md', 'CONTRIBUTING.md', ...docs].filter((file) => file.endsWith('.md'))
}

function brokenLinks(page: string): string[] {
  const at = new URL(page, ROOT)
  const links = [...readFileSync(at, 'utf8').matchAll(/\]\(([^)#]+)[^)]*\)/g)].map(([, to]) => to)
  return links.filter(
    (to) => !/^https?:/.test(to ?? '') && !existsSync(new URL(to as string, at)),
  ) as string[]
}

it.each(pages())('%s links to pages that are there', (page) => {
  expect(brokenLinks(page)).toEqual([])
})
