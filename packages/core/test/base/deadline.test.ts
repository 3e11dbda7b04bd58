import { FakeClock } from '@hotpath/testing'
import { describe, expect, it } from 'vitest'
import { DeadlineQueue } from '../../src/base/deadline.ts'

const HOUR_MS = 3_600_000

function setUp() {
  const clock = new FakeClock()
  const passed: string[] = []
  const queue = new DeadlineQueue(clock, 250)
  const start = (name: string) => queue.start(() => passed.push(name))
  return { clock, passed, queue, start }
}

describe('DeadlineQueue', () => {
  it('calls back when the time has passed, and not before', () => {
    const { clock, passed, start } = setUp()
    start('a')

    clock.advance(249)
    expect(passed).toEqual([])
    clock.advance(1)

    expect(passed).toEqual(['a'])
  })

  it('forgets what was settled in time', () => {
    const { clock, passed, start } = setUp()
    const deadline = start('a')

    deadline.settle()
    deadline.settle()
    clock.advance(1_000)

    expect(passed).toEqual([])
  })

  it('takes the oldest, the newest and one between out of the queue', () => {
    const { clock, passed, start } = setUp()
    const deadlines = ['a', 'b', 'c', 'd', 'e'].map(start)

    for (const index of [0, 2, 4]) deadlines[index]?.settle()
    clock.advance(250)

    expect(passed).toEqual(['b', 'd'])
  })

  it('gives each its own time with a single timer', () => {
    const { clock, passed, start } = setUp()
    start('a')
    clock.advance(100)
    start('b')
    const timers = clock.pending

    clock.advance(150)
    const atFirst = [...passed]
    clock.advance(100)

    expect(timers).toBe(1)
    expect(atFirst).toEqual(['a'])
    expect(passed).toEqual(['a', 'b'])
  })

  it('starts again after it was empty', () => {
    const { clock, passed, start } = setUp()
    start('a')
    clock.advance(1_000)

    start('b')
    clock.advance(250)

    expect(passed).toEqual(['a', 'b'])
  })

  it('can be started and settled from within a deadline that passed', () => {
    const { clock, passed, queue, start } = setUp()
    queue.start(() => {
      passed.push('a')
      second.settle()
      start('c')
    })
    const second = start('b')

    clock.advance(250)
    expect(passed).toEqual(['a'])
    clock.advance(250)

    expect(passed).toEqual(['a', 'c'])
  })

  it('does not wait longer when the wall clock is set back', () => {
    const { clock, passed, start } = setUp()
    start('a')

    clock.shift(-HOUR_MS)
    clock.advance(500)

    expect(passed).toEqual(['a'])
  })
})
