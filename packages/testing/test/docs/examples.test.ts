import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createExampleFolder, type ExampleFolder } from './example-folder.ts'
import { type Example, ROOT, readExamples, standsAlone } from './examples.ts'

/** What the examples take for granted: names that a reader has in an app. */
const GIVEN = `
declare const id: number
declare const url: string
declare const sql: string
declare const pool: { query(sql: string): Promise<{ rows: { id: number }[] }> }
declare const cache: import('@hotpath/core').Cache
declare function findCity(id: unknown): Promise<{ name: string; population: number }>
declare function updateCity(id: unknown, fields: object): Promise<void>
declare function loadReport(): Promise<string>
declare function authenticate(request: unknown): Promise<{ id: string }>
`

const ON_EXPRESS = `
import express, { type Request } from 'express'
const app = express()
const handler: express.RequestHandler = (_req, res) => void res.end()
`

const ON_FASTIFY = `
import type * as F from 'fastify'
type Typed = F.RouteHandlerMethod<F.RawServerDefault, F.RawRequestDefaultExpression, F.RawReplyDefaultExpression, { Params: { id: string } }>
declare const app: Omit<F.FastifyInstance, 'get'> & {
  get(path: string, handler: Typed): unknown
  get(path: string, options: F.RouteShorthandOptions, handler: Typed): unknown
}
const handler = (): string => ''
`

/** Names that an example may use without a word: its package's own, and its framework's app. */
function contextOf({ where, code }: Example): string {
  if (standsAlone({ where, code })) return ''
  if (!where.startsWith('packages/')) return ''
  const isFastify = where.startsWith('packages/fastify/')
  const names = [
    'cacheMiddleware',
    'cachePlugin',
    'cacheTags',
    'createResponseCache',
    'purgePlugin',
    'purgeRouter',
    'rateLimitMiddleware',
    'rateLimitPlugin',
    'sessionMiddleware',
    'sessionPlugin',
  ]
  const used = names.filter((name) => new RegExp(`\\b${name}\\b`).test(code))
  const from = isFastify ? '@hotpath/fastify' : '@hotpath/express'
  return `import { ${used.join(', ')} } from '${from}'${isFastify ? ON_FASTIFY : ON_EXPRESS}`
}

/** The README's later blocks go on with the app of its first. */
function appOf({ where, code }: Example): string {
  const lacksApp = standsAlone({ where, code }) && /\bapp[.,]/.test(code) && !/const app/.test(code)
  return lacksApp ? "declare const app: import('express').Express\n" : ''
}

/** In one program `req.session` is express-session's or ours. */
function bringsTheirSessions({ code }: Example): boolean {
  return /'(@hotpath\/session\/)?express-session'/.test(code)
}

async function errorsIn(files: readonly string[]): Promise<string[]> {
  const config = {
    extends: fileURLToPath(new URL('packages/tsconfig.test.json', ROOT)),
    compilerOptions: { noUnusedLocals: false, noUnusedParameters: false },
    files: ['given.d.ts', ...files],
    include: [],
  }
  folder.write('tsconfig.json', JSON.stringify(config))
  const tsc = fileURLToPath(new URL('node_modules/.bin/tsc', ROOT))
  const { stdout } = await promisify(execFile)(tsc, ['-p', folder.path]).catch((error) => error)
  // The sources have a check of their own.
  return String(stdout).match(/^.*example-\d.*: error .*$/gm) ?? []
}

let folder: ExampleFolder

beforeAll(() => {
  folder = createExampleFolder()
})

afterAll(() => folder.remove())

/** A compiler takes its time where others compute as well. */
const LONG = 120_000

const kinds: [name: string, least: number, has: (example: Example) => boolean][] = [
  ['of the README, the pages and the doc comments', 11, (one) => !bringsTheirSessions(one)],
  ['beside express-session', 1, bringsTheirSessions],
]

it.each(kinds)(
  'the examples %s are correct TypeScript',
  async (_name, least, has) => {
    const files = readExamples().flatMap((example, index) => {
      if (!has(example)) return []
      const text = [contextOf(example), appOf(example), example.code, 'export {}\n'].join('\n')
      return [folder.write(`example-${index}.mts`, `// ${example.where}\n${text}`)]
    })
    folder.write('given.d.ts', GIVEN)

    expect(files.length).toBeGreaterThanOrEqual(least)
    expect(await errorsIn(files)).toEqual([])
  },
  LONG,
)
