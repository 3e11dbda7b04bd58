import { FAULT_NAMES } from '@hotpath/testing/coherence'
import { describe, expect, it } from 'vitest'
import { parseCheck } from '../../src/coherence/cli.ts'

describe('The command line of check:coherence', () => {
  it('checks ours for a minute with all faults and a seed of the moment unless told', () => {
    expect(parseCheck([], 42)).toEqual({
      driver: 'hotpath',
      seconds: 60,
      seed: 42,
      processes: 4,
      faults: FAULT_NAMES,
      isComparison: false,
      mustFail: false,
      historyFile: undefined,
    })
  })

  it('takes a list of faults, or none', () => {
    expect(parseCheck(['--faults', 'drop, flush'], 1).faults).toEqual(['drop', 'flush'])
    expect(parseCheck(['--faults', 'none'], 1).faults).toEqual([])
  })

  it.each([
    [['--driver', 'redis'], /--driver: found "redis", wanted hotpath, unfenced/],
    [['--faults', 'fire'], /--faults: found "fire", wanted kill-redis/],
    [['--seconds', '1'], /--seconds: found "1", wanted a whole number from 5/],
    [['--processes', 'two'], /--processes: found "two", wanted a whole number from 2/],
  ])('says what was found and what was wanted (%s)', (args, message) => {
    expect(() => parseCheck(args, 1)).toThrow(message)
  })
})
