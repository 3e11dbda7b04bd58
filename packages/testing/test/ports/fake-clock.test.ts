import { expect, it } from 'vitest'
import { FakeClock } from '../../src/index.ts'

it('stands still until it is advanced', () => {
  const clock = new FakeClock(1_000)

  expect(clock.now()).toBe(1_000)
  clock.advance(250)
  expect(clock.now()).toBe(1_250)
})

it('advance() fires what falls due in order of time, equal times in order of scheduling', () => {
  const clock = new FakeClock()
  const fired: string[] = []
  clock.schedule(20, () => fired.push('20'))
  clock.schedule(10, () => fired.push('10 first'))
  clock.schedule(10, () => fired.push('10 second'))
  clock.schedule(31, () => fired.push('31'))

  clock.advance(30)

  expect(fired).toEqual(['10 first', '10 second', '20'])
  expect(clock.pending).toBe(1)
})

it('a callback sees the time at which it was due', () => {
  const clock = new FakeClock(0)
  const seen: number[] = []
  clock.schedule(10, () => seen.push(clock.now()))
  clock.schedule(25, () => seen.push(clock.now()))

  clock.advance(100)

  expect(seen).toEqual([10, 25])
  expect(clock.now()).toBe(100)
})

it('advance() fires timers that a callback schedules within the span', () => {
  const clock = new FakeClock(0)
  const seen: number[] = []
  const tick = (): void => {
    seen.push(clock.now())
    clock.schedule(10, tick)
  }
  clock.schedule(10, tick)

  clock.advance(35)

  expect(seen).toEqual([10, 20, 30])
  expect(clock.pending).toBe(1)
})

it('a cancelled timer never fires', () => {
  const clock = new FakeClock()
  let fired = false
  const timer = clock.schedule(10, () => {
    fired = true
  })

  timer.cancel()
  clock.advance(100)

  expect(fired).toBe(false)
  expect(clock.pending).toBe(0)
})

it('advance() passes on what a callback throws, at the time of the throw', () => {
  const clock = new FakeClock(0)
  clock.schedule(10, () => {
    throw new Error('broken')
  })

  expect(() => clock.advance(100)).toThrow('broken')
  expect(clock.now()).toBe(10)
})

it('advanceAsync() runs promises and immediates out between timers', async () => {
  const clock = new FakeClock(0)
  const seen: string[] = []
  clock.schedule(10, () => {
    void Promise.resolve().then(() =>
      setImmediate(() => seen.push(`after the first ${clock.now()}`)),
    )
  })
  clock.schedule(20, () => seen.push('second'))

  await clock.advanceAsync(20)

  expect(seen).toEqual(['after the first 10', 'second'])
})

it('advanceAsync() fires a timer that a promise schedules within the span', async () => {
  const clock = new FakeClock(0)
  const seen: number[] = []
  void Promise.resolve().then(() => clock.schedule(5, () => seen.push(clock.now())))

  await clock.advanceAsync(10)

  expect(seen).toEqual([5])
})

it('shift() moves the wall clock and leaves timers as far away as they were', () => {
  const clock = new FakeClock(10_000)
  let fired = false
  clock.schedule(100, () => {
    fired = true
  })

  clock.shift(-5_000)
  expect(clock.now()).toBe(5_000)
  clock.advance(99)
  expect(fired).toBe(false)
  clock.advance(1)

  expect(fired).toBe(true)
})
