import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { createExampleFolder, type ExampleFolder } from './example-folder.ts'
import { type Example, ROOT, readExamples, standsAlone } from './examples.ts'

/** Gives an example what a reader has in an app, and says which port it listens at. */
const GIVEN = `
import { Server } from 'node:net'
import express from 'express'

Object.assign(globalThis, {
  app: express(),
  id: 7,
  findCity: async () => ({ name: 'Lyon', population: 522_250 }),
  updateCity: async () => {},
})
const { listen } = Server.prototype
Server.prototype.listen = function (...args) {
  this.once('listening', () => process.send(this.address().port))
  return listen.apply(this, args)
}
`

const isServer = ({ code }: Example): boolean => /\blisten\(/.test(code)
const isPage = ({ where }: Example): boolean => where.startsWith('docs/')

const examples = readExamples().filter((example) => standsAlone(example) && !isPage(example))
const servers = examples.filter(isServer)
const scripts = examples.filter((example) => !isServer(example))

let folder: ExampleFolder
let running: ChildProcess | undefined

beforeAll(() => {
  folder = createExampleFolder()
  folder.write('given.mjs', GIVEN)
})

afterEach(async () => {
  const child = running
  running = undefined
  if (child === undefined || child.exitCode !== null) return
  const exit = once(child, 'exit')
  child.kill('SIGKILL')
  await exit
})

afterAll(() => folder.remove())

function run({ code }: Example): ChildProcess {
  const file = folder.write('example.mts', code.replace(/\b3000\b/, '0'))
  const { REDIS_URL: _, ...own } = process.env
  const env = { ...own, SESSION_SECRET: 'thirty-two characters at the least' }
  const flags = [
    '--conditions=@hotpath/source',
    '--import=tsx',
    `--import=${folder.path}/given.mjs`,
  ]
  running = spawn(process.execPath, [...flags, file], {
    cwd: fileURLToPath(ROOT),
    env,
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  })
  return running
}

/** What the example says that it prints, in the comments behind its calls of `console.log`. */
function promisedOutput({ code }: Example): string {
  return [...code.matchAll(/console\.log\(.*\) \/\/ (.*)$/gm)]
    .map(([, line]) => `${line}\n`)
    .join('')
}

/** The first route that the example serves, which it caches. */
function firstPath({ code }: Example): string {
  const [, path = '/'] = code.match(/app\.get\('([^']+)'/) ?? []
  return path.replace(':id', '7')
}

async function get(url: string): Promise<{ status: string; body: string }> {
  const response = await fetch(url)
  return { status: response.headers.get('cache-status') ?? '', body: await response.text() }
}

it.each(scripts)('$where runs, prints what it says and ends', async (example) => {
  const child = run(example)

  const [printed, [code]] = await Promise.all([text(child.stdout as Readable), once(child, 'exit')])

  expect({ code, printed }).toEqual({ code: 0, printed: promisedOutput(example) })
})

it.each(servers)('$where serves the second request from the cache', async (example) => {
  const [port] = await once(run(example), 'message')
  const url = `http://127.0.0.1:${port}`

  const miss = await get(url + firstPath(example))
  const hit = await get(url + firstPath(example))

  expect(miss.status).toMatch(/fwd=uri-miss; stored/)
  expect(hit.status).toMatch(/; hit\b/)
  expect(hit.body).toBe(miss.body)
})

it('the README has an app that runs for Express and one for Fastify', () => {
  const inReadme = servers.filter(({ where }) => where.startsWith('README.md'))

  expect(inReadme.map(({ code }) => /@hotpath\/\w+/.exec(code)?.[0])).toEqual([
    '@hotpath/express',
    '@hotpath/fastify',
  ])
})
