import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BodyBuffer } from '../../src/recording/body-buffer.ts'

describe('BodyBuffer', () => {
  it('holds what was written, whatever it was written as', () => {
    const chunk = fc.oneof(fc.uint8Array({ maxLength: 3_000 }), fc.string())
    fc.assert(
      fc.property(fc.array(chunk), (chunks) => {
        const buffer = new BodyBuffer(1_000_000)
        for (const each of chunks) buffer.append(each, undefined)

        expect(buffer.take()).toEqual(Buffer.concat(chunks.map((each) => Buffer.from(each))))
      }),
    )
  })

  it('gives memory of just its size', () => {
    const buffer = new BodyBuffer(10_000)
    for (let index = 0; index < 100; index += 1) buffer.append('x', undefined)

    expect(buffer.take().buffer.byteLength).toBe(100)
  })

  it('refuses what would be too much, and holds no more than it may', () => {
    const buffer = new BodyBuffer(10)

    expect(buffer.append('12345', undefined)).toBe(true)
    expect(buffer.append('67890', undefined)).toBe(true)
    expect(buffer.append('!', undefined)).toBe(false)
    expect(buffer.length).toBe(10)
  })

  it('is not changed by what happens to a chunk later', () => {
    const buffer = new BodyBuffer(10)
    const chunk = Buffer.from('before')
    buffer.append(chunk, undefined)

    chunk.fill('x')

    expect(buffer.take().toString()).toBe('before')
  })
})
