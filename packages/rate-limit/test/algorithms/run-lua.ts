import type { Redis } from 'ioredis'
import type { AlgorithmName, Rule } from '../../src/algorithms/algorithm.ts'
import { ALGORITHMS } from '../../src/algorithms/algorithms.ts'
import { luaAlgorithms } from '../../src/lua/algorithms.ts'
import { type Operation, START_MS, type Trace } from './operation.ts'

/** `runSteps` once more, around the Lua twins. */
const HARNESS = `
${luaAlgorithms(Object.keys(ALGORITHMS) as AlgorithmName[])}
local given = cjson.decode(ARGV[1])
local r = given.rule
local steps = A[r.algorithm]
local now, s, charges, traces = given.start, {}, {}, {}
for at, op in ipairs(given.operations) do
  now = now + op.afterMs
  s = steps.roll(r, s, now)
  local used = steps.used(r, s)
  local fits = used + op.cost <= r.capacity
  local trace = {fits and 1 or 0, max(0, r.capacity - used), steps.reset(r, s, now), 0}
  if not fits then trace[4] = op.cost > r.capacity and -1 or steps.wait(r, s, now, op.cost) end
  local charge = #charges > 0 and charges[op.of % #charges + 1] or nil
  if op['do'] == 'force' or (op['do'] == 'consume' and fits) then
    local a, b
    s, a, b = steps.add(r, s, now, op.cost, at)
    charges[#charges + 1] = {op.cost, a, b}
  elseif op['do'] == 'refund' and charge then
    s = steps.back(r, s, now, charge[1], charge[2], charge[3])
  elseif op['do'] == 'renew' and charge and steps.renew then
    s = steps.renew(r, s, now, charge[2])
  end
  for _, n in ipairs(s) do trace[#trace + 1] = n end
  traces[at] = table.concat((function()
    local text = {}
    for i, n in ipairs(trace) do text[i] = string.format('%.17g', n) end
    return text
  end)(), ' ')
end
return traces
`

/** Runs a history by the Lua twins in a real Redis. */
export async function runLua(
  redis: Redis,
  rule: Rule,
  operations: readonly Operation[],
): Promise<Trace> {
  const given = { rule, start: START_MS, operations }
  const lines = (await redis.eval(HARNESS, 0, JSON.stringify(given))) as string[]
  return lines.map((line) => line.split(' ').map(Number))
}
