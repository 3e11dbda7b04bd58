import { createServer, type ServerResponse } from 'node:http'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type Bench,
  closeServer,
  type Handler,
  listen,
  type Reply,
  SERVED,
  send,
} from '../harness.ts'

/** One thing that a handler does with its response. */
type Act = (res: ServerResponse) => unknown

const fieldName = fc.constantFrom('X-One', 'x-two', 'Link', 'ETag', 'Last-Modified')

function fittingValue(name: string, own: string | string[]): string | string[] {
  if (name === 'ETag') return '"1"'
  return name === 'Last-Modified' ? 'Mon, 01 Jan 2024 00:00:00 GMT' : own
}

const field = fc
  .record({ name: fieldName, value: fc.constantFrom('a', 'b, c', '', ['x', 'y']) })
  .map(({ name, value }): [string, string | string[]] => [name, fittingValue(name, value)])

const chunk: fc.Arbitrary<[string | Uint8Array, BufferEncoding]> = fc.constantFrom(
  ['hello', 'utf8'],
  ['h\u00e9llo \u2713', 'utf8'],
  ['l\u00e4tin', 'latin1'],
  ['68656c6c6f', 'hex'],
  ['aGVsbG8=', 'base64'],
  [new Uint8Array([0, 255, 1]), 'utf8'],
  ['x'.repeat(70_000), 'utf8'],
)

const headAct: fc.Arbitrary<Act> = fc.oneof(
  // `appendHeader` changes the very array that was set.
  field.map(
    ([name, value]): Act =>
      (res) =>
        // `appendHeader` changes the very array that was set.
        res.setHeader(name, typeof value === 'string' ? value : [...value]),
  ),
  fieldName.map(
    (name): Act =>
      (res) =>
        res.removeHeader(name),
  ),
  fc.constant<Act>((res) => res.appendHeader('X-One', 'more')),
  fc.constantFrom(200, 204, 301, 404).map(
    (status): Act =>
      (res) => {
        res.statusCode = status
      },
  ),
  fc.constant<Act>((res) => {
    res.statusMessage = 'Own'
  }),
)

// What a name that comes twice means to `writeHead` is not the same in all versions of Node.
const fields = fc.uniqueArray(field, { selector: ([name]) => name, maxLength: 2 })

const begin: fc.Arbitrary<Act> = fc.oneof(
  fc.constant<Act>(() => {}),
  fc.constant<Act>((res) => res.flushHeaders()),
  fields.map(
    (given): Act =>
      (res) =>
        res.writeHead(203, Object.fromEntries(given)),
  ),
  fields.map((given): Act => {
    const flat = given.flatMap(([name, value]) => [name, String(value)])
    return (res) => res.writeHead(404, 'Nowhere', [...flat])
  }),
)

const bodyAct: fc.Arbitrary<Act> = fc.oneof(
  chunk.map(
    ([bytes, encoding]): Act =>
      (res) =>
        void res.write(bytes, encoding),
  ),
  chunk.map(
    ([bytes, encoding]): Act =>
      (res) => {
        return new Promise((resolve) => res.write(bytes, encoding, resolve))
      },
  ),
  fc.constant<Act>(() => new Promise(setImmediate)),
)

const end: fc.Arbitrary<Act> = fc.oneof(
  fc.constant<Act>((res) => res.end()),
  chunk.map(
    ([bytes, encoding]): Act =>
      (res) =>
        res.end(bytes, encoding),
  ),
)

const control = fc.constantFrom('max-age=60', 'max-age=60', 'public, s-maxage=60', 'no-store').map(
  (value): Act =>
    (res) =>
      res.setHeader('Cache-Control', value),
)

/** A handler that does these things one after another. */
const program: fc.Arbitrary<Act[]> = fc
  .tuple(
    control,
    fc.array(headAct, { maxLength: 4 }),
    begin,
    fc.array(bodyAct, { maxLength: 4 }),
    end,
  )
  .map(([first, heads, beginning, bodies, last]) => [first, ...heads, beginning, ...bodies, last])

/** How a response comes is the cache's business, and the connection's. */
const NOT_COMPARED =
  /^(?:cache-status|age|date|connection|keep-alive|transfer-encoding|content-length|x-powered-by)$/

function whatItSays({ status, statusMessage, rawHeaders, body }: Reply): unknown {
  const fields = rawHeaders.flatMap((name, index) =>
    index % 2 > 0 || NOT_COMPARED.test(name.toLowerCase())
      ? []
      : [`${name.toLowerCase()}: ${rawHeaders[index + 1]}`],
  )
  return { status, statusMessage, fields: fields.sort(), body: body.toString('latin1') }
}

/** However a handler makes its response, clients get what they would get without a cache. */
export function sameResponseSuite(bench: Bench): void {
  describe('whatever a handler does with its response', () => {
    it('is what each client gets: its own, who comes at the same time, and who comes later', async () => {
      let acts: Act[] = []
      const handler: Handler = async (_req, res) => {
        for (const act of acts) await act(res)
      }
      const plain = createServer((req, res) => void handler(req, res))
      const plainPort = await listen(plain)
      const { port } = await bench.serve(handler)
      let page = 0
      let served = 0

      await fc
        .assert(
          fc.asyncProperty(program, async (given) => {
            acts = given
            page += 1
            const path = `/page/${page}`
            const wanted = whatItSays(await send(plainPort, path))
            const own = await Promise.all([send(port, path), send(port, path)])
            const later = await send(port, path)

            if (SERVED.test(later.cache)) served += 1
            expect([...own, later].map(whatItSays)).toEqual([wanted, wanted, wanted])
          }),
          { numRuns: 60 },
        )
        .finally(() => closeServer(plain))

      expect(served).toBeGreaterThan(5)
    })
  })
}
