import { parseList } from 'structured-headers'
import { describe, expect, it } from 'vitest'
import type { PolicyStatus } from '../../src/index.ts'
import { formatFields } from '../../src/index.ts'

function status(name: string, more: Partial<PolicyStatus>): PolicyStatus {
  const one = { limit: 10, windowMs: 60_000, remaining: 5, resetMs: 1_500 }
  return { name, ...one, isExceeded: false, isConcurrency: false, ...more }
}

const POLICIES = [
  status('burst', { limit: 20, windowMs: 1_000, remaining: 19 }),
  status('daily', { limit: 5_000, windowMs: 86_400_000, remaining: 3, resetMs: 7_001 }),
]

describe('formatFields()', () => {
  it.each(['draft-10', 'draft-8'] as const)(
    '%s: each policy is an item of both lists',
    (edition) => {
      expect(formatFields(edition, false, POLICIES, 0)).toEqual({
        'RateLimit-Policy': '"burst";q=20;w=1, "daily";q=5000;w=86400',
        RateLimit: '"burst";r=19;t=2, "daily";r=3;t=8',
      })
    },
  )

  it('draft-7: a dictionary of the policy with the least left', () => {
    expect(formatFields('draft-7', false, POLICIES, 0)).toEqual({
      'RateLimit-Policy': '20;w=1, 5000;w=86400',
      RateLimit: 'limit=5000, remaining=3, reset=8',
    })
  })

  it('draft-6: a field for each figure of the policy with the least left', () => {
    expect(formatFields('draft-6', false, POLICIES, 0)).toEqual({
      'RateLimit-Policy': '20;w=1, 5000;w=86400',
      'RateLimit-Limit': '5000',
      'RateLimit-Remaining': '3',
      'RateLimit-Reset': '8',
    })
  })

  it('legacyHeaders: the reset is a time, in seconds since 1970', () => {
    expect(formatFields(false, true, POLICIES, 1_700_000_000_000)).toEqual({
      'X-RateLimit-Limit': '5000',
      'X-RateLimit-Remaining': '3',
      'X-RateLimit-Reset': '1700000008',
    })
  })

  it('names with quotes and backslashes are what they were when they are read', () => {
    const { RateLimit = '' } = formatFields('draft-10', false, [status('a "b" \\c', {})], 0)

    expect(parseList(RateLimit).map(([name]) => name)).toEqual(['a "b" \\c'])
  })

  it('a limit larger than a structured field can say is said as the largest', () => {
    const limit = Number.MAX_SAFE_INTEGER

    const fields = formatFields('draft-10', false, [status('all', { limit, remaining: limit })], 0)

    expect(fields.RateLimit).toBe('"all";r=999999999999999;t=2')
  })

  it('where no policy is known, nothing is said', () => {
    expect(formatFields('draft-10', true, [], 0)).toEqual({})
  })
})
