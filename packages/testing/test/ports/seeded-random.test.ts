import { expect, it } from 'vitest'
import { SeededRandom } from '../../src/index.ts'

it('repeats itself from the same seed and differs from another', () => {
  const draw = (random: SeededRandom) => [random.next(), random.token(16), random.next()]

  expect(draw(new SeededRandom(7))).toEqual(draw(new SeededRandom(7)))
  expect(draw(new SeededRandom(7))).not.toEqual(draw(new SeededRandom(8)))
})

it('next() fills [0, 1) evenly', () => {
  const random = new SeededRandom(1)
  const tenths = new Array<number>(10).fill(0)

  for (let draw = 0; draw < 10_000; draw += 1) {
    const tenth = Math.floor(random.next() * 10)
    tenths[tenth] = (tenths[tenth] ?? 0) + 1
  }

  expect(tenths).toHaveLength(10)
  expect(Math.min(...tenths)).toBeGreaterThan(900)
  expect(Math.max(...tenths)).toBeLessThan(1_100)
})

it('token() gives the bytes asked for as hexadecimal digits, each time others', () => {
  const random = new SeededRandom()

  expect(random.token(3)).toMatch(/^[0-9a-f]{6}$/)
  expect(random.token(16)).toMatch(/^[0-9a-f]{32}$/)
  expect(random.token(16)).not.toBe(random.token(16))
})
