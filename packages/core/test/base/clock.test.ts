import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'

const THIRTY_DAYS_MS = 30 * 86_400_000

describe('systemClock', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })

  afterEach(() => {
    vi.useRealTimers()
  })

  it('fires a timer once, when its delay has passed', () => {
    const fired = vi.fn()
    systemClock.schedule(1_000, fired)

    vi.advanceTimersByTime(999)
    expect(fired).not.toHaveBeenCalled()
    vi.advanceTimersByTime(10_000)

    expect(fired).toHaveBeenCalledOnce()
  })

  it('does not fire a timer that was cancelled', () => {
    const fired = vi.fn()
    const timer = systemClock.schedule(1_000, fired)

    timer.cancel()
    vi.advanceTimersByTime(2_000)

    expect(fired).not.toHaveBeenCalled()
  })

  it('waits longer than the 2^31-1 ms that setTimeout can', () => {
    const fired = vi.fn()
    systemClock.schedule(THIRTY_DAYS_MS, fired)

    vi.advanceTimersByTime(THIRTY_DAYS_MS - 1)
    expect(fired).not.toHaveBeenCalled()
    vi.advanceTimersByTime(1)

    expect(fired).toHaveBeenCalledOnce()
  })

  it('cancels a long timer in its second step as well', () => {
    const fired = vi.fn()
    const timer = systemClock.schedule(THIRTY_DAYS_MS, fired)

    vi.advanceTimersByTime(2 ** 31)
    timer.cancel()
    vi.advanceTimersByTime(THIRTY_DAYS_MS)

    expect(fired).not.toHaveBeenCalled()
    expect(vi.getTimerCount()).toBe(0)
  })
})
