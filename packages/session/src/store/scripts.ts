import { createHash } from 'node:crypto'

/** A script as a link to Redis takes it. */
export interface StoreScript {
  readonly name: string
  readonly lua: string
  readonly sha: string
}

/**
 * What all scripts share. KEYS: a session or a user's index, and the epoch of everyone. ARGV[1] is the
 * hash that the first key ends in; all other keys touched have its hash tag and so its slot.
 *
 * A session's hash: c created, t touched, r renewed, a absolute end, v revision, sv schema version,
 * e epoch of everyone, U the user's hash, f the user's epoch, o owner, dv device, d:<key> revision and
 * value. An ended one: x 1; a renewed one: x 2, with `to` the hash that it
 * has now; one replaced at a login or by regenerate(): x 3.
 * A user's index: e epoch, s:<hash> created.
 */
const PRELUDE = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local base = string.sub(KEYS[1], 1, #KEYS[1] - #ARGV[1] - 2)
local function int(text)
  return text and #text < 16 and string.match(text, '^%d+$') and tonumber(text) or nil
end
local function sessionKey(h) return base .. 's:' .. h end
local function userKey(u) return base .. 'u:' .. u end
local function isOfEpoch(user, everyone, own)
  return everyone == redis.call('GET', KEYS[2])
    and (not user or own == redis.call('HGET', userKey(user), 'e'))
end
local function find(h, strict)
  for _ = 1, 1000 do
    local m = redis.call('HMGET', sessionKey(h), 'x', 'to', 'until', 'U', 'c', 'e', 'f', 'a', 'v', 't')
    if m[1] == '2' then
      if strict and now > (int(m[3]) or 0) then return nil, 'ended' end
      h = m[2] or ''
    elseif m[1] then return nil, m[1] == '3' and 'replaced' or 'ended'
    elseif not m[5] then return nil, 'missing'
    elseif not isOfEpoch(m[4], m[6], m[7]) then
      redis.call('DEL', sessionKey(h))
      return nil, 'revoked'
    else return h, m[4], m[8], m[9], m[10] end
  end
  return nil, 'ended'
end
local function bury(h, user, tombstone, mark)
  redis.call('DEL', sessionKey(h))
  redis.call('HSET', sessionKey(h), 'x', mark or '1')
  redis.call('PEXPIRE', sessionKey(h), tombstone)
  if user then redis.call('HDEL', userKey(user), 's:' .. h) end
end
local function refresh(h, user, idle, ends, ...)
  local ttl = tonumber(idle)
  ends = int(ends) or 0
  if ends > 0 then ttl = math.min(ttl, ends - now) end
  redis.call('HSET', sessionKey(h), ...)
  redis.call('PEXPIRE', sessionKey(h), math.max(ttl, 0))
  if user and redis.call('PTTL', userKey(user)) < ttl + 60000 then
    redis.call('PEXPIRE', userKey(user), ttl + 120000)
  end
end
local function sessionsOf(user)
  local alive = {}
  local index = redis.call('HGETALL', userKey(user))
  for i = 1, #index, 2 do
    if string.sub(index[i], 1, 2) == 's:' then
      local h = string.sub(index[i], 3)
      if find(h, true) == h then alive[#alive + 1] = { h, int(index[i + 1]) or 0 }
      else redis.call('HDEL', userKey(user), index[i]) end
    end
  end
  return alive
end
`

function script(name: string, body: string): StoreScript {
  const lua = PRELUDE + body
  return { name, lua, sha: createHash('sha1').update(lua).digest('hex') }
}

/** ARGV: hash, idle ms, touch ms, tombstone ms. Replies a word, then what goes with it. */
export const LOAD: StoreScript = script(
  'session-load',
  `
local session = redis.call('HGETALL', KEYS[1])
local m = {}
for i = 1, #session, 2 do m[session[i]] = session[i + 1] end
if m.x == '2' then
  if now <= (int(m['until']) or 0) then return { 'renewed', m.sealed or '' } end
  local h, user = find(ARGV[1], false)
  if not h then return { 'gone', 'ended' } end
  bury(h, user, ARGV[4])
  return { 'stolen', h }
end
if m.x or not m.c or not isOfEpoch(m.U, m.e, m.f) then
  local _, why = find(ARGV[1], true)
  return { 'gone', why }
end
if now - (int(m.t) or 0) >= tonumber(ARGV[3]) then refresh(ARGV[1], m.U, ARGV[2], m.a, 't', now) end
-- One text: a list of many parts takes Redis and its client several times as long.
return { 'live', tostring(now), cjson.encode(session) }`,
)

/** ARGV: hash, idle ms, absolute ms, token, user or none, owner, device, schema version, most per user, tombstone ms, keys and values. */
export const CREATE: StoreScript = script(
  'session-create',
  `
if redis.call('EXISTS', KEYS[1]) == 1 then return redis.error_reply('EXISTS a session of that id') end
local evicted = {}
local epoch = redis.call('GET', KEYS[2])
if not epoch then
  epoch = ARGV[4]
  redis.call('SET', KEYS[2], epoch)
end
local absolute = tonumber(ARGV[3])
local ends = absolute > 0 and now + absolute or 0
redis.call('HSET', KEYS[1], 'c', now, 'r', now, 'a', ends, 'v', 1, 'e', epoch, 'o', ARGV[6],
  'dv', ARGV[7], 'sv', ARGV[8])
for i = 11, #ARGV, 2 do redis.call('HSET', KEYS[1], 'd:' .. ARGV[i], '1:' .. ARGV[i + 1]) end
local user = ARGV[5] ~= '' and ARGV[5]
if user then
  local alive = sessionsOf(user)
  table.sort(alive, function(left, right) return left[2] < right[2] end)
  for i = 1, #alive - tonumber(ARGV[9]) + 1 do
    bury(alive[i][1], user, ARGV[10])
    evicted[#evicted + 1] = alive[i][1]
  end
  redis.call('HSETNX', userKey(user), 'e', ARGV[4])
  redis.call('HSET', userKey(user), 's:' .. ARGV[1], now)
  redis.call('HSET', KEYS[1], 'U', user, 'f', redis.call('HGET', userKey(user), 'e'))
end
refresh(ARGV[1], user, ARGV[2], string.format('%.0f', ends), 't', now)
return evicted`,
)

/**
 * A session written more often than every `touch ms` lives no longer by it, as one that is read: its
 * last write has its end moved already.
 *
 * ARGV: hash, idle ms, touch ms, schema version, then of each change: key, 1 to set or 0 to remove, revision expected or -1, value.
 */
export const COMMIT: StoreScript = script(
  'session-commit',
  `
local h, user, ends, last, touched = find(ARGV[1], true)
if not h then return { 'gone', user } end
local key = sessionKey(h)
local conflicts = { 'conflict' }
for i = 5, #ARGV, 4 do
  if ARGV[i + 2] ~= '-1' then
    local expected = tonumber(ARGV[i + 2])
    local current = redis.call('HGET', key, 'd:' .. ARGV[i])
    local revision = current and int(string.match(current, '^(%d+):')) or 0
    if revision ~= expected then
      conflicts[#conflicts + 1] = ARGV[i]
      conflicts[#conflicts + 1] = current or ''
    end
  end
end
if #conflicts > 1 then return conflicts end
local revision = string.format('%.0f', (int(last) or now) + 1)
local written = { 'v', revision, 'sv', ARGV[4] }
for i = 5, #ARGV, 4 do
  if ARGV[i + 1] == '1' then
    written[#written + 1] = 'd:' .. ARGV[i]
    written[#written + 1] = revision .. ':' .. ARGV[i + 3]
  else redis.call('HDEL', key, 'd:' .. ARGV[i]) end
end
redis.call('HSET', key, unpack(written))
if now - (int(touched) or 0) >= tonumber(ARGV[3]) then refresh(h, user, ARGV[2], ends, 't', now) end
return { 'done', revision }`,
)

/** ARGV: hash, new hash, idle ms, grace ms, sealed id or none, tombstone ms, '*' or 'some' and the keys kept. */
export const MOVE: StoreScript = script(
  'session-move',
  `
local h, user, ends = find(ARGV[1], true)
if not h then return 'gone' end
if h ~= ARGV[1] and ARGV[5] ~= '' then return 'already' end
local key = sessionKey(ARGV[2])
redis.call('RENAME', sessionKey(h), key)
redis.call('HSET', key, 'r', now)
if ARGV[7] ~= '*' then
  local keep = {}
  for i = 8, #ARGV do keep['d:' .. ARGV[i]] = true end
  for _, field in ipairs(redis.call('HKEYS', key)) do
    if string.sub(field, 1, 2) == 'd:' and not keep[field] then redis.call('HDEL', key, field) end
  end
end
if user then redis.call('HSET', userKey(user), 's:' .. ARGV[2], redis.call('HGET', key, 'c')) end
bury(h, user, ARGV[6], '3')
if ARGV[5] ~= '' then
  redis.call('HSET', sessionKey(h), 'x', '2', 'to', ARGV[2], 'until', now + ARGV[4], 'sealed', ARGV[5])
  local last = int(ends) or 0
  redis.call('PEXPIRE', sessionKey(h), last > 0 and math.max(last - now, 1) or 2 * ARGV[3])
end
refresh(ARGV[2], user, ARGV[3], ends, 't', now)
return 'done'`,
)

/** ARGV: hash, tombstone ms, mark of the tombstone, hashes of the users one of whom must own it. */
export const END: StoreScript = script(
  'session-end',
  `
local h, user = find(ARGV[1], false)
if not h then return 0 end
if #ARGV > 3 then
  local isOwned = false
  for i = 4, #ARGV do isOwned = isOwned or ARGV[i] == user end
  if not isOwned then return 0 end
end
bury(h, user, ARGV[2], ARGV[3])
return 1`,
)

/** KEYS: index, epoch; ARGV: user's hash. Replies hash, created, touched, device of each. */
export const LIST: StoreScript = script(
  'session-list',
  `
local listed = {}
for _, one in ipairs(sessionsOf(ARGV[1])) do
  local m = redis.call('HMGET', sessionKey(one[1]), 'c', 't', 'dv')
  for _, part in ipairs({ one[1], m[1] or '0', m[2] or '0', m[3] or '' }) do listed[#listed + 1] = part end
end
return listed`,
)

/** KEYS: index, epoch; ARGV: user's hash, hash to keep or none, token, tombstone ms. Replies how many. */
export const END_ALL: StoreScript = script(
  'session-end-all',
  `
local ended, kept = 0, false
for _, one in ipairs(sessionsOf(ARGV[1])) do
  if one[1] == ARGV[2] then kept = true
  else
    bury(one[1], ARGV[1], ARGV[4])
    ended = ended + 1
  end
end
if kept then
  redis.call('HSET', KEYS[1], 'e', ARGV[3])
  redis.call('HSET', sessionKey(ARGV[2]), 'f', ARGV[3])
else redis.call('DEL', KEYS[1]) end
return ended`,
)
