import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'

const ROOT = new URL('../../../../', import.meta.url)

/** What the examples take for granted: names that a reader has in an app. */
const GIVEN = `
declare const app: import('express').Express
declare const id: number
declare const url: string
declare const sql: string
declare const pool: { query(sql: string): Promise<{ rows: { id: number }[] }> }
declare function findCity(id: unknown): Promise<{ name: string; population: number }>
declare function updateCity(id: unknown, fields: object): Promise<void>
declare function loadReport(): Promise<string>
`

interface Example {
  where: string
  code: string
}

function examplesIn(file: string): Example[] {
  const text = readFileSync(new URL(file, ROOT), 'utf8')
  const plain = file.endsWith('.md') ? text : text.replace(/^ *\* ?/gm, '')
  return [...plain.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code], index) => ({
    where: `${file} #${index + 1}`,
    code: code as string,
  }))
}

function filesUnder(folder: string, ending: string): string[] {
  return readdirSync(new URL(folder, ROOT), { recursive: true })
    .map((file) => `${folder}/${file}`)
    .filter((file) => file.endsWith(ending))
}

/** An example that makes its own imports stands alone; the others continue one that was shown before. */
const standsAlone = ({ code }: Example): boolean => code.startsWith('import ')

const sources = ['core', 'http', 'express', 'fastify'].flatMap((name) =>
  filesUnder(`packages/${name}/src`, '.ts'),
)
const examples = ['README.md', ...filesUnder('docs', '.md'), ...sources]
  .flatMap(examplesIn)
  .filter(standsAlone)

/** Inside the bench package, which sees all packages and all frameworks. */
let folder: string

beforeAll(() => {
  const cache = fileURLToPath(new URL('packages/bench/node_modules/.cache', ROOT))
  mkdirSync(cache, { recursive: true })
  folder = mkdtempSync(`${cache}/examples-`)
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

it('the examples of the README and of the doc comments are correct TypeScript', async () => {
  examples.forEach(({ code, where }, index) => {
    writeFileSync(`${folder}/example-${index}.mts`, `// ${where}\n${code}\nexport {}\n`)
  })
  writeFileSync(`${folder}/given.d.ts`, GIVEN)
  const config = {
    extends: fileURLToPath(new URL('packages/tsconfig.test.json', ROOT)),
    compilerOptions: { noUnusedLocals: false, noUnusedParameters: false },
    include: ['*.mts', 'given.d.ts'],
  }
  writeFileSync(`${folder}/tsconfig.json`, JSON.stringify(config))

  const tsc = fileURLToPath(new URL('node_modules/.bin/tsc', ROOT))
  const checked = promisify(execFile)(tsc, ['-p', folder])

  expect(examples.length).toBeGreaterThan(4)
  await expect(checked).resolves.toMatchObject({ stdout: '' })
})
