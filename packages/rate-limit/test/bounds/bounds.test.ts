import { FakeClock, type RedisServer, SeededRandom, startRedis } from '@hotpath/testing'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Rule } from '../../src/algorithms/algorithm.ts'
import { MemoryDriver } from '../../src/memory/memory-driver.ts'
import { type Operation, runSteps, START_MS, type Trace } from '../algorithms/operation.ts'
import { runLua } from '../algorithms/run-lua.ts'
import { operationsOf, type Plan, worstWindow } from './worst-window.ts'

const N = 100
const WINDOW_MS = 1_000

const base = { limit: N, windowMs: WINDOW_MS, capacity: N, buckets: 10 }

/** The bound that docs/rate-limits.md states, and whether an attacker is known to reach it. */
const BOUNDS: readonly { rule: Rule; name: string; bound: number }[] = [
  { name: 'fixed-window', rule: { ...base, algorithm: 'fixed-window' }, bound: 199 },
  { name: 'sliding-window', rule: { ...base, algorithm: 'sliding-window' }, bound: 100 },
  { name: 'sliding-log', rule: { ...base, algorithm: 'sliding-log' }, bound: 100 },
  { name: 'token-bucket', rule: { ...base, algorithm: 'token-bucket' }, bound: 199 },
  { name: 'gcra, burst 100', rule: { ...base, algorithm: 'gcra' }, bound: 199 },
  { name: 'gcra, burst 20', rule: { ...base, algorithm: 'gcra', capacity: 20 }, bound: 119 },
  { name: 'gcra, burst 1', rule: { ...base, algorithm: 'gcra', capacity: 1 }, bound: 100 },
]

/** One request, a wait, then all that can be had before an edge and after it; and steady pressure. */
const KNOWN: readonly Plan[] = [
  [
    { afterMs: 0, tries: 1 },
    { afterMs: 999, tries: 150 },
    { afterMs: 1, tries: 150 },
  ],
  [{ afterMs: 0, tries: 150 }, ...Array.from({ length: 1_999 }, () => ({ afterMs: 1, tries: 1 }))],
]

/** A plan a little different from another. */
function mutate(plan: Plan, random: SeededRandom): Plan {
  const at = Math.floor(random.next() * plan.length)
  const waits = [0, 1, 9, 10, 99, 100, 101, 899, 900, 999, 1_000, 1_001, 1_100]
  const afterMs = waits[Math.floor(random.next() * waits.length)] as number
  const step = { afterMs, tries: 1 + Math.floor(random.next() * 120) }
  const draw = random.next()
  if (draw < 0.3) return plan.toSpliced(at, 1, step)
  if (draw < 0.7 && plan.length < 12) return plan.toSpliced(at, 0, step)
  return plan.length > 2 ? plan.toSpliced(at, 1) : [...plan, step]
}

/** Hill climbing with restarts: the worst that it finds, and how. */
function search(rule: Rule, random: SeededRandom): { worst: number; plan: Plan } {
  let best: { worst: number; plan: Plan } = { worst: 0, plan: [] }
  const judge = (plan: Plan): number => {
    const operations = operationsOf(plan)
    return worstWindow(rule, operations, runSteps(rule, operations))
  }
  for (const plan of KNOWN) {
    const worst = judge(plan)
    if (worst > best.worst) best = { worst, plan }
  }
  for (let restart = 0; restart < 8; restart += 1) {
    let plan: Plan = [
      { afterMs: 0, tries: 60 },
      { afterMs: 500, tries: 60 },
    ]
    let worst = judge(plan)
    for (let step = 0; step < 150; step += 1) {
      const other = mutate(plan, random)
      const found = judge(other)
      if (found >= worst) {
        plan = other
        worst = found
      }
    }
    if (worst > best.worst) best = { worst, plan }
  }
  return best
}

/** What the memory driver lets on, of a client who tries as the attacker does. */
function runDriver(rule: Rule, operations: readonly Operation[]): Trace {
  const clock = new FakeClock(START_MS)
  const driver = new MemoryDriver(10, clock, new SeededRandom(36))
  const ban = { after: 0, durationMs: 0, factor: 1, forgetMs: 0 }
  return operations.map(({ afterMs, cost }) => {
    clock.advance(afterMs)
    const question = {
      banKey: 'b',
      ban,
      items: [{ key: 'attacker', rule, cost }],
      names: ['a'],
      hasSlots: false,
    }
    return [driver.decide(question, 'consume').allowed ? 1 : 0]
  })
}

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

describe('trap 36: the worst that an attacker finds in any span of a window, of 100', () => {
  for (const { name, rule, bound } of BOUNDS) {
    it(`${name}: ${bound}, by the steps, in memory and in Redis`, async () => {
      const { worst, plan } = search(rule, new SeededRandom(36))
      const operations = operationsOf(plan)
      const here = worstWindow(rule, operations, runDriver(rule, operations))
      const there = worstWindow(rule, operations, await runLua(redis, rule, operations))

      expect([worst, here, there]).toEqual([bound, bound, bound])
    })
  }
})
