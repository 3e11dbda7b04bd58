import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  durationSchema,
  functionSchema,
  givenSchema,
  resolveOptions,
} from '../../src/base/options.ts'

const schema = z.strictObject({
  ttl: durationSchema.default(1_000),
  mode: z.enum(['fast', 'safe']).default('safe'),
  share: z.number().min(0).max(1).optional(),
  onHit: functionSchema<() => void>().optional(),
  clock: givenSchema<object>('a Clock', (input) => typeof input === 'object').optional(),
  bounds: z.union([z.strictObject({ maxEntries: z.int().min(1) }), z.literal(false)]).optional(),
})

function messageOf(input: unknown): string {
  try {
    resolveOptions('createThing', schema, input)
  } catch (error) {
    return (error as Error).message.replace(/ \[ERR_.*/, '')
  }
  return 'no error'
}

describe('resolveOptions()', () => {
  it('fills in the defaults where there are no options', () => {
    expect(resolveOptions('createThing', schema, undefined)).toEqual({ ttl: 1_000, mode: 'safe' })
  })

  it('takes undefined for the default', () => {
    const options = resolveOptions('createThing', schema, { ttl: undefined, mode: undefined })

    expect(options).toMatchObject({ ttl: 1_000, mode: 'safe' })
  })

  it('reads durations as milliseconds', () => {
    expect(resolveOptions('createThing', schema, { ttl: '2m' }).ttl).toBe(120_000)
  })

  it('leaves what it was given as it was', () => {
    const options = Object.freeze({ ttl: '2m', bounds: Object.freeze({ maxEntries: 5 }) })

    resolveOptions('createThing', schema, options)

    expect(options).toEqual({ ttl: '2m', bounds: { maxEntries: 5 } })
  })

  it.each<[unknown, string]>([
    [{ tll: '5m' }, 'createThing: tll: unknown option'],
    [{ ttl: -1 }, 'createThing: ttl: found -1, wanted a duration: milliseconds'],
    [{ ttl: 'soon' }, 'createThing: ttl: found "soon", wanted a duration: milliseconds'],
    [{ ttl: null }, 'createThing: ttl: found null, wanted a duration: milliseconds'],
    [{ mode: 'slow' }, 'createThing: mode: found "slow", wanted "fast" or "safe"'],
    [{ share: 2 }, 'createThing: share: found 2, wanted at most 1'],
    [{ share: -1 }, 'createThing: share: found -1, wanted at least 0'],
    [{ share: '1' }, 'createThing: share: found "1", wanted a number'],
    [{ onHit: 5 }, 'createThing: onHit: found 5, wanted a function'],
    [{ clock: 5 }, 'createThing: clock: found 5, wanted a Clock'],
    [{ bounds: { maxEntries: 0 } }, 'createThing: bounds'],
    [{ bounds: true }, 'createThing: bounds: found true, wanted'],
    ['redis://localhost', 'createThing: options: found "redis://localhost", wanted an object'],
  ])('refuses %j', (input, message) => {
    expect(messageOf(input)).toContain(message)
  })

  it('names every option that is wrong at once', () => {
    const message = messageOf({ ttl: 'soon', tll: 1 })

    expect(message).toContain('ttl: found "soon"')
    expect(message).toContain('tll: unknown option')
  })
})
