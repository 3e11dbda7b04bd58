import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

const TABLE = readFileSync(new URL('../../../docs/sessions.md', import.meta.url), 'utf8')

/** `file: how the name of one of its tests begins`, of the last column. */
const references = [...TABLE.matchAll(/^\| \d\.\d\.\d .*\| (.*) \|$/gm)].flatMap(
  ([, column = '']) =>
    column.split('; ').map((reference): [file: string, name: string] => {
      const [file = '', name = ''] = reference.split(': ')
      return [file, name]
    }),
)

it('each row of the table of OWASP ASVS names tests that there are', () => {
  expect(references.length).toBeGreaterThan(16)
  for (const [file, name] of references) {
    const path = file.endsWith('-suite') ? `${file}.ts` : `${file}.test.ts`
    expect(readFileSync(new URL(path, import.meta.url), 'utf8'), file).toContain(name)
  }
})
