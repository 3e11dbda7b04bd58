import { createHash } from 'node:crypto'
import { LUA_ALGORITHMS } from './algorithms.ts'

type Script = { readonly name: string; readonly lua: string; readonly sha: string }

const COMMON = `
${LUA_ALGORITHMS}
local time = redis.call('TIME')
local now = time[1] * 1000 + floor(time[2] / 1000)

-- Foreign bytes under our key count as nothing, here and where a step stumbles over what they hold.
local function decode(packed)
  if not packed then return {} end
  local ok, state = pcall(cmsgpack.unpack, packed)
  if not ok or type(state) ~= 'table' then return {} end
  for i = 1, #state do
    if type(state[i]) ~= 'number' or state[i] ~= state[i] then return {} end
  end
  return state
end

local function rolled(r, packed)
  local s = r.steps.roll(r, decode(packed), now)
  return s, r.steps.used(r, s)
end

local function open(r, packed)
  local ok, s, used = pcall(rolled, r, packed)
  if not ok then return {}, 0 end
  return s, used
end

-- A thousand years: far inside what Redis and a reply can hold.
local longest = 31536000000000

-- Nothing is ever written without a time to live.
local function store(key, state, ms)
  if ms > 0 and #state > 0 then
    redis.call('SET', key, cmsgpack.pack(state), 'PX', string.format('%.0f', min(ms, longest)))
  else
    redis.call('DEL', key)
  end
end

local function rule(at)
  return {
    steps = A[ARGV[at]], limit = tonumber(ARGV[at + 1]), window = tonumber(ARGV[at + 2]),
    capacity = tonumber(ARGV[at + 3]), buckets = tonumber(ARGV[at + 4]), cost = tonumber(ARGV[at + 5]),
  }
end
`

/**
 * Judges all policies, then charges all or none.
 *
 * KEYS: the ban, then one for each policy. ARGV: `consume`, `peek` or `force` (which charges in any
 * case); the id of the lease; the ban's after, duration, factor and memory; then for each policy its
 * algorithm, limit, window, capacity, buckets and cost. Replies the time, until when the client is
 * banned, whether it is allowed, and for each policy: fits, remaining, reset, wait, and the mark.
 */
export const CONSUME: Script = define(
  'rateLimitConsume',
  `
local op, id = ARGV[1], tonumber(ARGV[2])
local after, duration, factor, forget = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local values = redis.call('MGET', unpack(KEYS))
local ban = decode(values[1])
if #ban ~= 3 then ban = {0, 0, 0} end
local banned = ban[3] > now
local fit = true
local rules, states = {}, {}
for i = 2, #KEYS do
  local r = rule(7 + (i - 2) * 6)
  local s, used = open(r, values[i])
  r.fits = used + r.cost <= r.capacity
  fit = fit and r.fits
  rules[i], states[i] = r, s
end
local allowed = fit and not banned
local charges = op == 'force' or (op == 'consume' and allowed)
if op == 'consume' and not fit and not banned and after > 0 then
  if ban[1] + 1 < after then
    ban[1] = ban[1] + 1
  else
    local ms = duration
    for _ = 1, ban[2] do
      if ms < longest then ms = ms * factor end
    end
    ban = {0, ban[2] + 1, now + min(longest, floor(ms))}
  end
  store(KEYS[1], ban, max(0, ban[3] - now) + forget)
end
local reply = {now, ban[3] > now and ban[3] or 0, allowed and 1 or 0}
for i = 2, #KEYS do
  local r, s, a, b = rules[i], states[i], 0, 0
  local wait = 0
  if not r.fits then
    wait = r.cost > r.capacity and -1 or r.steps.wait(r, s, now, r.cost)
  end
  if charges then
    s, a, b = r.steps.add(r, s, now, r.cost, id)
    store(KEYS[i], s, r.steps.reset(r, s, now))
  end
  local n = #reply
  reply[n + 1] = r.fits and 1 or 0
  reply[n + 2] = max(0, r.capacity - r.steps.used(r, s))
  reply[n + 3] = min(r.steps.reset(r, s, now), longest)
  reply[n + 4] = min(wait, longest)
  reply[n + 5] = a
  reply[n + 6] = b
end
return reply
`,
)

/**
 * Gives charges back, or renews the slots among them.
 *
 * KEYS: one for each charge. ARGV: `refund` or `renew`, then for each its algorithm, limit, window,
 * capacity, buckets, cost and mark.
 */
export const GIVE_BACK: Script = define(
  'rateLimitGiveBack',
  `
for i = 1, #KEYS do
  local at = 2 + (i - 1) * 8
  local r = rule(at)
  local a, b = tonumber(ARGV[at + 6]), tonumber(ARGV[at + 7])
  local s = open(r, redis.call('GET', KEYS[i]))
  if #s > 0 then
    if ARGV[1] == 'renew' then s = r.steps.renew(r, s, now, a)
    else s = r.steps.back(r, s, now, r.cost, a, b) end
    store(KEYS[i], s, r.steps.reset(r, s, now))
  end
end
return 1
`,
)

/** Bans KEYS[1] for ARGV[1] ms; what is known of it is kept for ARGV[2] ms more. */
export const BLOCK: Script = define(
  'rateLimitBlock',
  `
local ban = decode(redis.call('GET', KEYS[1]))
if #ban ~= 3 then ban = {0, 0, 0} end
ban[3] = now + tonumber(ARGV[1])
store(KEYS[1], ban, tonumber(ARGV[1]) + tonumber(ARGV[2]))
return 1
`,
)

/** Notes that ARGV[1] lives, forgets who has not said so for ARGV[2] ms, and counts the rest. */
export const HEARTBEAT: Script = define(
  'rateLimitHeartbeat',
  `
redis.call('ZADD', KEYS[1], now, ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - tonumber(ARGV[2]))
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return redis.call('ZCARD', KEYS[1])
`,
)

function define(name: string, body: string): Script {
  const lua = COMMON + body
  return { name, lua, sha: createHash('sha1').update(lua).digest('hex') }
}
