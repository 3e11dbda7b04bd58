import type { AlgorithmName } from '../algorithms/algorithm.ts'

/*
 * The Lua twins of the steps in ../algorithms, line for line: whole numbers in, the same whole
 * numbers out. A shared table of cases and fast-check hold them together.
 *
 * A rule is a `Rule`; states are arrays that the steps may change.
 */

const HEAD = `
local floor, ceil, max, min = math.floor, math.ceil, math.max, math.min
local A = {}
`

const FIXED_WINDOW = `
local fixed = {}
function fixed.roll(r, s, now)
  if #s == 0 or s[2] == 0 or now >= s[1] + r.windowMs then return {} end
  s[1] = min(s[1], now)
  return s
end
function fixed.used(r, s) return s[2] or 0 end
function fixed.reset(r, s, now) return #s == 0 and 0 or s[1] + r.windowMs - now end
function fixed.wait(r, s, now) return (s[1] or 0) + r.windowMs - now end
function fixed.add(r, s, now, cost)
  local start = s[1] or now
  return {start, (s[2] or 0) + cost}, start, 0
end
function fixed.back(r, s, now, cost, a)
  if #s > 0 and s[1] == a then s[2] = max(0, s[2] - cost) end
  return s
end
A['fixed-window'] = fixed
`

const SLIDING_WINDOW = `
local sliding = {}
local function ends(r, index) return ceil((index + r.buckets + 1) * r.windowMs / r.buckets) end
function sliding.roll(r, s, now)
  if #s == 0 then return {} end
  local index = floor(now * r.buckets / r.windowMs)
  local passed = max(0, index - s[1])
  if passed > r.buckets then return {} end
  local rolled, any = {index}, false
  for i = 1, passed do rolled[i + 1] = 0 end
  for i = 2, min(#s, r.buckets + 2 - passed) do
    rolled[i + passed] = s[i]
    if s[i] ~= 0 then any = true end
  end
  return any and rolled or {}
end
function sliding.used(r, s)
  local total = 0
  for i = 2, #s do total = total + s[i] end
  return total
end
function sliding.reset(r, s, now)
  for i = 2, #s do
    if s[i] ~= 0 then return ends(r, s[1] - (i - 2)) - now end
  end
  return 0
end
function sliding.wait(r, s, now, cost)
  local excess = sliding.used(r, s) + cost - r.capacity
  for i = #s, 2, -1 do
    excess = excess - s[i]
    if excess <= 0 then return ends(r, s[1] - (i - 2)) - now end
  end
  return 0
end
function sliding.add(r, s, now, cost)
  local index = floor(now * r.buckets / r.windowMs)
  if #s == 0 then
    s = {index}
    for i = 2, r.buckets + 2 do s[i] = 0 end
  end
  s[2] = s[2] + cost
  return s, index, 0
end
function sliding.back(r, s, now, cost, a)
  if #s == 0 then return s end
  local at = s[1] - a + 2
  if at >= 2 and s[at] then s[at] = max(0, s[at] - cost) end
  return s
end
A['sliding-window'] = sliding
`

const SLIDING_LOG = `
local log = {}
local function push(s, now, n)
  local last = #s - 1
  if last >= 1 and s[last] == now then s[last + 1] = s[last + 1] + n
  elseif n > 0 then s[last + 2] = now s[last + 3] = n end
end
function log.roll(r, s, now)
  local kept = {}
  for i = 1, #s, 2 do
    local at = min(s[i], now)
    if s[i + 1] > 0 and at + r.windowMs > now then push(kept, at, s[i + 1]) end
  end
  return kept
end
function log.used(r, s)
  local total = 0
  for i = 2, #s, 2 do total = total + s[i] end
  return total
end
function log.reset(r, s, now) return #s == 0 and 0 or s[#s - 1] + r.windowMs - now end
function log.wait(r, s, now, cost)
  local excess = log.used(r, s) + cost - r.capacity
  for i = 1, #s, 2 do
    excess = excess - s[i + 1]
    if excess <= 0 then return s[i] + r.windowMs - now end
  end
  return 0
end
function log.add(r, s, now, cost)
  push(s, now, cost)
  return s, now, 0
end
function log.back(r, s, now, cost, a)
  for i = 1, #s, 2 do
    if s[i] == a then
      s[i + 1] = max(0, s[i + 1] - cost)
      return s
    end
  end
  return s
end
A['sliding-log'] = log
`

const BUCKET = `
local bucket = {}
function bucket.roll(r, s, now)
  if #s == 0 then return {} end
  local left = s[1] - max(0, now - s[2]) * r.limit
  return left > 0 and {left, now} or {}
end
function bucket.used(r, s) return ceil((s[1] or 0) / r.windowMs) end
function bucket.reset(r, s) return ceil((s[1] or 0) / r.limit) end
function bucket.wait(r, s, now, cost)
  return ceil(((s[1] or 0) - (r.capacity - cost) * r.windowMs) / r.limit)
end
function bucket.add(r, s, now, cost)
  local charged = (s[1] or 0) + cost * r.windowMs
  return charged > 0 and {charged, now} or {}, now, charged
end
function bucket.back(r, s, now, cost, a, b)
  local unpaid = b - max(0, now - a) * r.limit
  local left = (s[1] or 0) - max(0, min(unpaid, cost * r.windowMs))
  return left > 0 and {left, now} or {}
end
`

const CONCURRENCY = `
local slots = {}
function slots.roll(r, s, now)
  local kept = {}
  for i = 1, #s, 3 do
    if s[i + 1] > now then
      local n = #kept
      kept[n + 1] = s[i]
      kept[n + 2] = min(s[i + 1], now + r.windowMs)
      kept[n + 3] = s[i + 2]
    end
  end
  return kept
end
function slots.used(r, s)
  local total = 0
  for i = 3, #s, 3 do total = total + s[i] end
  return total
end
function slots.reset(r, s, now)
  local last = now
  for i = 2, #s, 3 do last = max(last, s[i]) end
  return last - now
end
function slots.wait(r, s, now)
  local first = 1000
  for i = 2, #s, 3 do first = min(first, s[i] - now) end
  return first
end
function slots.add(r, s, now, cost, id)
  if cost == 0 then return s, id, 0 end
  local n = #s
  s[n + 1] = id
  s[n + 2] = now + r.windowMs
  s[n + 3] = cost
  return s, id, 0
end
function slots.back(r, s, now, cost, id)
  for i = 1, #s, 3 do
    if s[i] == id then
      for _ = 1, 3 do table.remove(s, i) end
      return s
    end
  end
  return s
end
function slots.renew(r, s, now, id)
  for i = 1, #s, 3 do
    if s[i] == id then s[i + 1] = now + r.windowMs end
  end
  return s
end
A['concurrency'] = slots
`

const TWINS: Readonly<Record<AlgorithmName, string>> = {
  'fixed-window': FIXED_WINDOW,
  'sliding-window': SLIDING_WINDOW,
  'sliding-log': SLIDING_LOG,
  'token-bucket': `${BUCKET}A['token-bucket'] = bucket\n`,
  gcra: `${BUCKET}A['gcra'] = bucket\n`,
  concurrency: CONCURRENCY,
}

/**
 * The twins of these algorithms, in the table `A`. Redis makes each function anew whenever a script
 * runs, which costs more than a decision: a script brings those that it needs.
 */
export function luaAlgorithms(names: readonly AlgorithmName[]): string {
  return HEAD + names.map((name) => TWINS[name]).join('')
}
