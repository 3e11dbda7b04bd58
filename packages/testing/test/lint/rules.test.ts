import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url))

const IMPORT_BAN = 'lint/style/noRestrictedImports'
const PORTS_ONLY = 'plugin'

/** What the linter must refuse, by folder: a rule that never fires protects nothing. */
const BANNED_IMPORTS: Record<string, string[]> = {
  'core/src/base': ['../memory/a.ts', '../../redis/a.ts', '../cache/a.ts', 'ioredis', 'lru-cache'],
  'core/src/memory': ['../redis/a.ts', '../cache/a.ts', 'ioredis', '@hotpath/http'],
  'core/src/redis': ['../memory/a.ts', '../cache/a.ts', 'lru-cache', '@hotpath/http'],
  'core/src/cache': [
    '@hotpath/core',
    '@hotpath/http',
    '@hotpath/testing',
    '../observe/a.ts',
    'prom-client',
    '@opentelemetry/api',
  ],
  'core/src/observe': ['@hotpath/core', 'ioredis', '../redis/a.ts'],
  'http/src/rules': [
    '@hotpath/express',
    '@hotpath/session',
    '@hotpath/testing',
    'express',
    'ioredis',
  ],
  'express/src': ['@hotpath/fastify', '@hotpath/core', '@hotpath/testing', 'fastify', 'ioredis'],
  'fastify/src': ['@hotpath/express', '@hotpath/core', '@hotpath/testing', 'express', 'ioredis'],
  'testing/src': ['@hotpath/core'],
  '../examples/cities/src': ['../../../packages/core/src/index.ts', '@hotpath/core/src/index.ts'],
}

/** And what it must let pass: a ban that is too wide is switched off before long. */
const ALLOWED_IMPORTS: Record<string, string[]> = {
  'core/src/cache': ['../base/a.ts', '../memory/a.ts', '../redis/a.ts', 'ioredis', 'lru-cache'],
  'core/src/observe': ['../base/a.ts', '../cache/a.ts', 'prom-client', '@opentelemetry/api'],
  'http/src': ['@hotpath/core', '@hotpath/core/base'],
  'express/src': ['@hotpath/http', '@hotpath/session', '@hotpath/rate-limit', 'express'],
  'fastify/src': ['@hotpath/http', '@hotpath/session', '@hotpath/rate-limit', 'fastify'],
}

const TIME_AND_CHANCE = [
  'export const found = Date.now()',
  'export const found = new Date()',
  'export const found = performance.now()',
  'export const found = Math.random()',
  'setTimeout(String, 5)',
  'setInterval(String, 5)',
  'setImmediate(String)',
  "export { delay }\nimport { setTimeout as delay } from 'node:timers/promises'",
]

let folder: string
let reported: Map<string, string[]>
const offences = new Map<string, string>()

function offend(path: string, code: string): string {
  const file = join('packages', path)
  offences.set(file, `${code}\n`)
  return file
}

function runBiome(): Map<string, string[]> {
  const biome = join(ROOT, 'node_modules/.bin/biome')
  const flags = ['--reporter=json', '--max-diagnostics=none', '--vcs-enabled=false']
  const { stdout } = spawnSync(biome, ['lint', ...flags, '.'], { cwd: folder, encoding: 'utf8' })
  const found = new Map<string, string[]>()
  for (const { category, location } of JSON.parse(stdout).diagnostics) {
    const file = String(location.path)
    found.set(file, [...(found.get(file) ?? []), category])
  }
  return found
}

function importing(from: Record<string, string[]>, name: string) {
  return Object.entries(from).flatMap(([at, specifiers]) =>
    specifiers.map((specifier, index) => ({
      at,
      specifier,
      file: offend(`${at}/${name}-${index}.ts`, `export * from '${specifier}'`),
    })),
  )
}

const banned = importing(BANNED_IMPORTS, 'banned')
const allowed = importing(ALLOWED_IMPORTS, 'allowed')
const impure = TIME_AND_CHANCE.map((code, index) => ({
  code,
  file: offend(`http/src/rules/impure-${index}.ts`, code),
}))
const ports = offend('core/src/base/clock.ts', 'export const now = (): number => Date.now()')
offend('http/src/promised.ts', 'export async function promised(): Promise<void> {}')
const floating = offend(
  'http/src/floating.ts',
  "import { promised } from './promised.ts'\nexport function f(): void {\n  promised()\n}",
)
const long = offend(
  'http/src/long.ts',
  `export function long(): void {\n${'  String()\n'.repeat(61)}}`,
)
const loud = offend('core/src/loud.ts', "console.log('Redis is away')")
const cycle = [
  offend('http/src/a.ts', "import type { B } from './b.ts'\nexport interface A {\n  b: B\n}"),
  offend('http/src/b.ts', "import type { A } from './a.ts'\nexport interface B {\n  a: A\n}"),
]

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hotpath-lint-'))
  for (const file of ['biome.json', 'packages/testing/lint']) {
    cpSync(join(ROOT, file), join(folder, file), { recursive: true })
  }
  for (const [file, code] of offences) {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    writeFileSync(join(folder, file), code)
  }
  reported = runBiome()
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('the linter', () => {
  it.each(banned)('refuses $specifier in $at', ({ file }) => {
    expect(reported.get(file)).toContain(IMPORT_BAN)
  })

  it.each(allowed)('lets $at import $specifier', ({ file }) => {
    expect(reported.get(file) ?? []).not.toContain(IMPORT_BAN)
  })

  it.each(impure)('refuses time and chance outside the ports: $code', ({ file }) => {
    expect(reported.get(file)).toContain(PORTS_ONLY)
  })

  it('lets the ports themselves read the clock', () => {
    expect(reported.get(ports)).toBeUndefined()
  })

  it('refuses a promise that nobody watches, of another file too', () => {
    expect(reported.get(floating)).toEqual(['lint/nursery/noFloatingPromises'])
  })

  it('refuses a function of more than 60 lines', () => {
    expect(reported.get(long)).toEqual(['lint/complexity/noExcessiveLinesPerFunction'])
  })

  it('refuses a published package that logs by itself', () => {
    expect(reported.get(loud)).toEqual(['lint/suspicious/noConsole'])
  })

  it.each(cycle)('refuses imports in a circle, of types too: %s', (file) => {
    expect(reported.get(file)).toEqual(['lint/suspicious/noImportCycles'])
  })
})
