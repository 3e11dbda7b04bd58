import { describe, expect, it } from 'vitest'
import { CircuitBreaker } from '../../src/redis/circuit-breaker.ts'

function breakerDrawing(draw: number): CircuitBreaker {
  return new CircuitBreaker({ next: () => draw, token: () => '' })
}

describe('CircuitBreaker', () => {
  it('opens with the third failure in a row, and says so once', () => {
    const breaker = breakerDrawing(0)

    const opened = [1, 2, 3, 4].map(() => breaker.failed())

    expect(opened).toEqual([false, false, true, false])
    expect(breaker.isOpen).toBe(true)
  })

  it('does not add up failures with a success between them', () => {
    const breaker = breakerDrawing(0)

    for (let round = 0; round < 10; round += 1) {
      breaker.failed()
      breaker.failed()
      breaker.succeeded()
    }

    expect(breaker.isOpen).toBe(false)
  })

  it('opens at once when the connection is gone, and says so once', () => {
    const breaker = breakerDrawing(0)

    const opened = [breaker.trip(), breaker.trip()]

    expect(opened).toEqual([true, false])
  })

  it('closes with a success', () => {
    const breaker = breakerDrawing(0)
    breaker.trip()

    breaker.succeeded()

    expect(breaker.isOpen).toBe(false)
  })

  it('doubles the time between probes up to a second', () => {
    const breaker = breakerDrawing(0.999_999)

    const waits = Array.from({ length: 7 }, () => Math.round(breaker.nextProbeMs()))

    expect(waits).toEqual([100, 200, 400, 800, 1_000, 1_000, 1_000])
  })

  it('takes up to half of each wait away at random, so that processes spread out', () => {
    const breaker = breakerDrawing(0)

    expect([breaker.nextProbeMs(), breaker.nextProbeMs()]).toEqual([50, 100])
  })

  it('begins with short waits again after a success', () => {
    const breaker = breakerDrawing(0)
    for (let probe = 0; probe < 10; probe += 1) breaker.nextProbeMs()

    breaker.succeeded()

    expect(breaker.nextProbeMs()).toBe(50)
  })
})
