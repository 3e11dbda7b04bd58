import { type RedisServer, startRedis } from '@hotpath/testing'
import fc from 'fast-check'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AlgorithmName, Rule } from '../../src/algorithms/algorithm.ts'
import { ALGORITHMS } from '../../src/algorithms/algorithms.ts'
import { CASES } from './cases.ts'
import { type Operation, runSteps } from './operation.ts'
import { runLua } from './run-lua.ts'

let server: RedisServer
let redis: Redis

beforeAll(async () => {
  server = await startRedis()
  redis = new Redis(server.url)
})

afterAll(async () => {
  redis.disconnect()
  await server.stop()
})

describe('the table of cases', () => {
  for (const { name, rule, operations, trace } of CASES) {
    it(`${rule.algorithm}: ${name}`, async () => {
      const here = runSteps(rule, operations)
      const there = await runLua(redis, rule, operations)

      expect(here.map((line) => line.slice(0, 4))).toEqual(trace)
      expect(there).toEqual(here)
    })
  }
})

const operation: fc.Arbitrary<Operation> = fc.record({
  do: fc.constantFrom('consume', 'consume', 'consume', 'force', 'refund', 'renew'),
  afterMs: fc.oneof(
    { weight: 5, arbitrary: fc.integer({ min: 0, max: 50 }) },
    { weight: 2, arbitrary: fc.integer({ min: 0, max: 3_000 }) },
    { weight: 1, arbitrary: fc.integer({ min: -500, max: 100_000 }) },
  ),
  cost: fc.integer({ min: 0, max: 6 }),
  of: fc.nat(20),
})

function ruleOf(algorithm: AlgorithmName): fc.Arbitrary<Rule> {
  return fc.record({
    algorithm: fc.constant(algorithm),
    limit: fc.integer({ min: 1, max: 40 }),
    windowMs: fc.oneof(
      fc.integer({ min: 1, max: 3_000 }),
      fc.constant(86_400_000),
      fc.constant(10 * 365 * 86_400_000),
    ),
    capacity: fc.integer({ min: 1, max: 40 }),
    buckets: fc.integer({ min: 1, max: 12 }),
  })
}

describe('the Lua twin computes what the TypeScript steps compute', () => {
  for (const algorithm of Object.keys(ALGORITHMS) as AlgorithmName[]) {
    it(`${algorithm}, for any history`, async () => {
      await fc.assert(
        fc.asyncProperty(
          ruleOf(algorithm),
          fc.array(operation, { maxLength: 40 }),
          async (rule, operations) => {
            expect(await runLua(redis, rule, operations)).toEqual(runSteps(rule, operations))
          },
        ),
        { numRuns: 300 },
      )
    })
  }
})
