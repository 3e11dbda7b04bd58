import { createHash } from 'node:crypto'
import type { AlgorithmName, Rule } from '../algorithms/algorithm.ts'
import { luaAlgorithms } from './algorithms.ts'

type Script = {
  readonly name: string
  readonly lua: string
  readonly sha: string
  readonly isGathered: boolean
}

/** The script for policies of these algorithms. */
type ScriptFor = (items: readonly { readonly rule: Pick<Rule, 'algorithm'> }[]) => Script

const NAMES: readonly AlgorithmName[] = [
  'fixed-window',
  'sliding-window',
  'sliding-log',
  'token-bucket',
  'gcra',
  'concurrency',
]

const COMMON = `
local keys, call, pack, unpackState = KEYS, redis.call, cmsgpack.pack, cmsgpack.unpack
local time = call('TIME')
local now = time[1] * 1000 + floor(time[2] / 1000)

-- Foreign bytes under our key count as nothing, here and where a step stumbles over what they hold;
-- so does what is no string, to MGET and SET.
local function decode(packed)
  if not packed then return {} end
  local ok, state = pcall(unpackState, packed)
  if not ok or type(state) ~= 'table' then return {} end
  for i = 1, #state do
    if type(state[i]) ~= 'number' or state[i] ~= state[i] then return {} end
  end
  return state
end

-- A thousand years: far inside what Redis and a reply can hold.
local longest = 31536000000000

-- Nothing is ever written without a time to live; one that stays what it is costs less.
local function store(key, state, ms, isSame)
  if ms <= 0 or #state == 0 then
    call('DEL', key)
  elseif isSame then
    call('SET', key, pack(state), 'KEEPTTL')
  else
    call('SET', key, pack(state), 'PX', ceil(min(ms, longest)))
  end
end
`

const POLICIES = `
local asked = cjson.decode(ARGV[1])
local rules = asked.rules
for i = 1, #rules do rules[i].steps = A[rules[i].algorithm] end

-- A call may ask for one client more than once: what it has written is read here.
local values = call('MGET', unpack(keys))
local written = {}
local function read(at) return written[keys[at]] or decode(values[at]) end
local function write(at, state, ms, isSame)
  written[keys[at]] = state
  store(keys[at], state, ms, isSame)
end

local function rolled(r, at)
  local s = r.steps.roll(r, read(at), now)
  return s, r.steps.used(r, s)
end

local function open(r, at)
  local ok, s, used = pcall(rolled, r, at)
  if not ok then return {}, 0 end
  return s, used
end
`

/**
 * Decides one question after another, each by itself: judges all its policies, then charges all or none.
 *
 * KEYS: for each question the ban, then one for each policy. ARGV: JSON, see `formatQuestions`. Replies,
 * for each question, for how long the client is banned and whether it is allowed, then for each policy:
 * fits, remaining, reset, wait, and the mark.
 */
export const consumeScript: ScriptFor = perAlgorithms(
  'rateLimitConsume',
  `
local bans, questions = asked.bans, asked.questions
local notBanned = {0, 0, 0}
local reply, n, first = {}, 0, 1
for q = 1, #questions do
  local question = questions[q]
  local op, id, rule, last = question[1], question[2], bans[question[3]], #question / 2 - 1.5
  local ban = notBanned
  if values[first] or written[keys[first]] then
    ban = read(first)
    if #ban ~= 3 then ban = notBanned end
  end
  local banned = ban[3] > now
  local fit = true
  local states, uses = {}, {}
  for i = 1, last do
    local r, cost = rules[question[2 * i + 2]], question[2 * i + 3]
    states[i], uses[i] = open(r, first + i)
    fit = fit and uses[i] + cost <= r.capacity
  end
  local allowed = fit and not banned
  local charges = op == 'force' or (op == 'consume' and allowed)
  if op == 'consume' and not fit and not banned and rule.after > 0 then
    if ban[1] + 1 < rule.after then
      ban = {ban[1] + 1, ban[2], ban[3]}
    else
      local ms, factor = rule.durationMs, rule.factor
      if factor > 1 then
        for _ = 1, ban[2] do
          if ms >= longest then break end
          ms = ms * factor
        end
      end
      ban = {0, ban[2] + 1, now + min(longest, floor(ms))}
    end
    write(first, ban, max(0, ban[3] - now) + rule.forgetMs)
  end
  reply[n + 1] = min(longest, max(0, ban[3] - now))
  reply[n + 2] = allowed and 1 or 0
  n = n + 2
  for i = 1, last do
    local r, cost, s, used = rules[question[2 * i + 2]], question[2 * i + 3], states[i], uses[i]
    local steps, a, b, wait = r.steps, 0, 0, 0
    local reset, was = steps.reset(r, s, now), #s > 0
    local fits = used + cost <= r.capacity
    if not fits then
      wait = cost > r.capacity and -1 or steps.wait(r, s, now, cost)
    end
    if charges then
      s, a, b = steps.add(r, s, now, cost, id)
      used = used + cost
      local before = reset
      reset = steps.reset(r, s, now)
      write(first + i, s, reset, was and reset == before)
    end
    reply[n + 1] = fits and 1 or 0
    reply[n + 2] = max(0, r.capacity - used)
    reply[n + 3] = min(reset, longest)
    reply[n + 4] = min(wait, longest)
    reply[n + 5] = a
    reply[n + 6] = b
    n = n + 6
  end
  first = first + last + 1
end
return reply
`,
  true,
)

/**
 * Gives charges back, or renews the slots among them.
 *
 * KEYS: one for each charge. ARGV: `{how, rules, charges}` as JSON: `refund` or `renew`, and for each
 * charge the place of its rule, its cost and its mark.
 */
export const giveBackScript: ScriptFor = perAlgorithms(
  'rateLimitGiveBack',
  `
for i = 1, #KEYS do
  local rule, cost, a, b = unpack(asked.charges[i])
  local r = rules[rule]
  local s = open(r, i)
  if #s > 0 then
    if asked.how == 'renew' then s = r.steps.renew(r, s, now, a)
    else s = r.steps.back(r, s, now, cost, a, b) end
    write(i, s, r.steps.reset(r, s, now))
  end
end
return 1
`,
)

/** Bans KEYS[1] for ARGV[1] ms; what is known of it is kept for ARGV[2] ms more. */
export const BLOCK: Script = define(
  'rateLimitBlock',
  [],
  `
local ban = decode(redis.call('MGET', KEYS[1])[1])
if #ban ~= 3 then ban = {0, 0, 0} end
ban[3] = now + tonumber(ARGV[1])
store(KEYS[1], ban, tonumber(ARGV[1]) + tonumber(ARGV[2]))
return 1
`,
)

/** Notes that ARGV[1] lives, forgets who has not said so for ARGV[2] ms, and counts the rest. */
export const HEARTBEAT: Script = define(
  'rateLimitHeartbeat',
  [],
  `
call('ZADD', KEYS[1], now, ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - tonumber(ARGV[2]))
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return redis.call('ZCARD', KEYS[1])
`,
)

function define(
  name: string,
  algorithms: readonly AlgorithmName[],
  body: string,
  isGathered = false,
): Script {
  const lua = luaAlgorithms(algorithms) + COMMON + body
  return { name, lua, sha: createHash('sha1').update(lua).digest('hex'), isGathered }
}

/** One script for each set of algorithms, with no more than those in it: see {@link luaAlgorithms}. */
function perAlgorithms(name: string, body: string, isGathered = false): ScriptFor {
  const made: Script[] = []
  return (items) => {
    let set = 0
    for (const { rule } of items) set |= 1 << NAMES.indexOf(rule.algorithm)
    const known = made[set]
    if (known !== undefined) return known
    const inSet = NAMES.filter((_name, at) => (set & (1 << at)) !== 0)
    const script = define(name, inSet, POLICIES + body, isGathered)
    made[set] = script
    return script
  }
}
