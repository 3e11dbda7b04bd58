import { type StoreScript, defineStoreScript as script } from './script-prelude.ts'

/**
 * ARGV: hash, idle ms, touch ms, tombstone ms. Replies one text of a session that lives: a list of many
 * parts takes Redis and its client several times as long. Else a word, and what goes with it.
 */
export const LOAD: StoreScript = script(
  'session-load',
  `
if m.x == '2' then
  if now <= (int(m['until']) or 0) then return { 'renewed', m.sealed or '' } end
  local h, user = find(ARGV[1], false)
  if not h then return { 'gone', 'ended' } end
  bury(h, user, ARGV[4])
  return { 'stolen', h }
end
if not isLive then
  local _, why = find(ARGV[1], true)
  return { 'gone', why }
end
refresh(ARGV[1], m.U, ARGV[2], endOf(m.m))
return now .. cjson.encode(session)`,
  `
local session = redis.call('HGETALL', KEYS[1])
local m = {}
for i = 1, #session, 2 do m[session[i]] = session[i + 1] end
local isLive = areTimes(m.m) and not m.x and isOfEpoch(m.U, m.e, m.f)
if isLive and now - (int(m.t) or 0) < tonumber(ARGV[3]) then return now .. cjson.encode(session) end
`,
)

/** ARGV: hash, idle ms, absolute ms, token, user or none, owner, device, schema version, most per user, tombstone ms, fields and values. */
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
redis.call('HSET', KEYS[1], 'm', now .. ' ' .. now .. ' ' .. string.format('%.0f', ends),
  'v', '1:' .. ARGV[8], 'e', epoch)
if ARGV[6] ~= '' then redis.call('HSET', KEYS[1], 'o', ARGV[6]) end
if ARGV[7] ~= '' then redis.call('HSET', KEYS[1], 'dv', ARGV[7]) end
for i = 11, #ARGV, 2 do redis.call('HSET', KEYS[1], ARGV[i], '1:' .. ARGV[i + 1]) end
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
refresh(ARGV[1], user, ARGV[2], ends)
return evicted`,
)

/**
 * A session written more often than every `touch ms` lives no longer by it, as one that is read: its
 * last write has its end moved already.
 *
 * ARGV: hash, idle ms, touch ms, schema version, then of each change: field, 1 to set or 0 to remove,
 * revision expected or -1, value. Replies the revision it has now, or a word and what goes with it.
 */
export const COMMIT: StoreScript = script(
  'session-commit',
  `
local h, user, m = find(ARGV[1], true)
if not h then return { 'gone', user } end
local last = redis.call('HMGET', sessionKey(h), 'v', 't')
local reply, isDone = commit(sessionKey(h), last[1])
if isDone and now - (int(last[2]) or 0) >= tonumber(ARGV[3]) then
  refresh(h, user, ARGV[2], endOf(m))
end
return reply`,
  `
local function commit(key, last)
  local conflicts = { 'conflict' }
  for i = 5, #ARGV, 4 do
    if ARGV[i + 2] ~= '-1' then
      local current = redis.call('HGET', key, ARGV[i])
      local revision = current and int(string.match(current, '^(%d+):')) or 0
      if revision ~= tonumber(ARGV[i + 2]) then
        conflicts[#conflicts + 1] = ARGV[i]
        conflicts[#conflicts + 1] = current or ''
      end
    end
  end
  if #conflicts > 1 then return conflicts, false end
  local revision = last and int(string.match(last, '^(%d+):')) or now
  revision = string.format('%.0f', revision + 1)
  local written = { 'v', revision .. ':' .. ARGV[4] }
  for i = 5, #ARGV, 4 do
    if ARGV[i + 1] == '1' then
      written[#written + 1] = ARGV[i]
      written[#written + 1] = revision .. ':' .. ARGV[i + 3]
    else redis.call('HDEL', key, ARGV[i]) end
  end
  redis.call('HSET', key, unpack(written))
  return revision, true
end
local s = redis.call('HMGET', KEYS[1], 'x', 't', 'v', 'm', 'U', 'e', 'f')
local isRecent = areTimes(s[4]) and not s[1] and now - (int(s[2]) or 0) < tonumber(ARGV[3])
if isRecent and isOfEpoch(s[5], s[6], s[7]) then return (commit(KEYS[1], s[3])) end
`,
)

/** ARGV: hash, new hash, idle ms, grace ms, sealed id or none, tombstone ms, '*' or 'some' and the fields kept. */
export const MOVE: StoreScript = script(
  'session-move',
  `
local h, user, m = find(ARGV[1], true)
if not h then return 'gone' end
if h ~= ARGV[1] and ARGV[5] ~= '' then return 'already' end
local key = sessionKey(ARGV[2])
local created, ends = createdOf(m), endOf(m)
redis.call('RENAME', sessionKey(h), key)
redis.call('HSET', key, 'm', created .. ' ' .. now .. ' ' .. string.format('%.0f', ends))
if ARGV[7] ~= '*' then
  local keep = {}
  for i = 8, #ARGV do keep[ARGV[i]] = true end
  for _, field in ipairs(redis.call('HKEYS', key)) do
    if string.sub(field, 1, 2) == 'd:' and not keep[field] then redis.call('HDEL', key, field) end
  end
end
if user then redis.call('HSET', userKey(user), 's:' .. ARGV[2], created) end
bury(h, user, ARGV[6], '3')
if ARGV[5] ~= '' then
  redis.call('HSET', sessionKey(h), 'x', '2', 'to', ARGV[2], 'until', now + ARGV[4], 'sealed', ARGV[5])
  redis.call('PEXPIRE', sessionKey(h), ends > 0 and math.max(ends - now, 1) or 2 * ARGV[3])
end
refresh(ARGV[2], user, ARGV[3], ends)
return 'done'`,
)

/** ARGV: hash, tombstone ms, mark of the tombstone, hashes of the users one of whom must own it. Replies its hash or none. */
export const END: StoreScript = script(
  'session-end',
  `
local h, user = find(ARGV[1], false)
if not h then return '' end
if #ARGV > 3 then
  local isOwned = false
  for i = 4, #ARGV do isOwned = isOwned or ARGV[i] == user end
  if not isOwned then return '' end
end
bury(h, user, ARGV[2], ARGV[3])
return h`,
)

/** KEYS: index, epoch; ARGV: user's hash. Replies hash, created, touched, device of each. */
export const LIST: StoreScript = script(
  'session-list',
  `
local listed = {}
for _, one in ipairs(sessionsOf(ARGV[1])) do
  local s = redis.call('HMGET', sessionKey(one[1]), 'm', 't', 'dv')
  for _, part in ipairs({ one[1], tostring(createdOf(s[1])), s[2] or '0', s[3] or '' }) do
    listed[#listed + 1] = part
  end
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

/**
 * Deletes what is of a wrong type among the keys that a script may meet: it is nobody's session, and no
 * epoch or index that could vouch for one.
 *
 * ARGV: hash, s or u, user or none, 1 where the session is new and what has been written of it goes too.
 */
export const DROP_FOREIGN: StoreScript = script(
  'session-drop-foreign',
  `
local function mustBe(kind, key)
  local found = redis.call('TYPE', key).ok
  if found ~= kind and found ~= 'none' then redis.call('DEL', key) end
end
mustBe('hash', KEYS[1])
mustBe('string', KEYS[2])
local user = ARGV[3]
if ARGV[2] == 'u' then user = ARGV[1]
else
  local s = redis.call('HMGET', KEYS[1], 'U', 'to')
  if s[1] then user = s[1] end
  if s[2] then
    mustBe('hash', sessionKey(s[2]))
    user = redis.call('HGET', sessionKey(s[2]), 'U') or user
  end
end
if user ~= '' then
  mustBe('hash', userKey(user))
  for _, name in ipairs(redis.call('HKEYS', userKey(user))) do
    if string.sub(name, 1, 2) == 's:' then mustBe('hash', sessionKey(string.sub(name, 3))) end
  end
end
if ARGV[4] == '1' then redis.call('DEL', KEYS[1]) end
return 1`,
)
