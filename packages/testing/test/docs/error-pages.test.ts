import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

const ROOT = new URL('../../../../', import.meta.url)

function sourceFiles(): string[] {
  return readdirSync(new URL('packages', ROOT))
    .map((name) => `packages/${name}/src`)
    .filter((folder) => existsSync(new URL(folder, ROOT)))
    .flatMap((folder) =>
      readdirSync(new URL(folder, ROOT), { recursive: true }).map((file) => `${folder}/${file}`),
    )
    .filter((file) => file.endsWith('.ts'))
}

function codesInSource(): string[] {
  const codes = sourceFiles().flatMap((file) =>
    [...readFileSync(new URL(file, ROOT), 'utf8').matchAll(/'(ERR_[A-Z0-9_]+)'/g)].map(
      ([, code]) => code as string,
    ),
  )
  return [...new Set(codes)].sort()
}

function pages(): string[] {
  return readdirSync(new URL('docs/errors', ROOT))
    .filter((file) => file.startsWith('ERR_'))
    .map((file) => file.replace(/\.md$/, ''))
    .sort()
}

it('every error code has a page, and every page a code', () => {
  expect(pages()).toEqual(codesInSource())
})

it('the index of errors names every page', () => {
  const index = readFileSync(new URL('docs/errors/README.md', ROOT), 'utf8')

  expect(pages().filter((code) => !index.includes(`(${code}.md)`))).toEqual([])
})
