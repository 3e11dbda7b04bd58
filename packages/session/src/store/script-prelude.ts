import { createHash } from 'node:crypto'

/** A script as a link to Redis takes it. */
export interface StoreScript {
  readonly name: string
  readonly lua: string
  readonly sha: string
}

/**
 * What all scripts begin with. KEYS: a session or a user's index, and the epoch of everyone. ARGV[1] is
 * the hash that the first key ends in; all other keys touched have its hash tag and so its slot.
 *
 * A session's hash: m the times it was created and renewed and its absolute end, t touched, v revision
 * and schema version, e epoch of everyone, U the user's hash, f the user's epoch, o owner, dv device,
 * d:<key> revision and value. Few fields, for each costs at every load. An ended one: x 1; a renewed
 * one: x 2, with `to` the hash that it has now; one replaced at a login or by regenerate(): x 3.
 * A user's index: e epoch, s:<hash> created.
 */
const START = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local base = string.sub(KEYS[1], 1, #KEYS[1] - #ARGV[1] - 2)
local function int(text)
  return text and #text < 16 and string.match(text, '^%d+$') and tonumber(text) or nil
end
-- Without them nobody knows when it ends.
local function areTimes(m) return m and string.match(m, '^%d+ %d+ %d+$') end
local function userKey(u) return base .. 'u:' .. u end
local function isOfEpoch(user, everyone, own)
  return everyone == redis.call('GET', KEYS[2])
    and (not user or own == redis.call('HGET', userKey(user), 'e'))
end
`

const REST = `
local function sessionKey(h) return base .. 's:' .. h end
local function createdOf(m) return m and int(string.match(m, '^%d+')) or 0 end
local function endOf(m) return m and int(string.match(m, '%d+$')) or 0 end
local function find(h, strict)
  for _ = 1, 1000 do
    local s = redis.call('HMGET', sessionKey(h), 'x', 'to', 'until', 'm', 'U', 'e', 'f')
    if s[1] == '2' then
      if strict and now > (int(s[3]) or 0) then return nil, 'ended' end
      h = s[2] or ''
    elseif s[1] then return nil, s[1] == '3' and 'replaced' or 'ended'
    elseif not areTimes(s[4]) then return nil, 'missing'
    elseif not isOfEpoch(s[5], s[6], s[7]) then
      redis.call('DEL', sessionKey(h))
      return nil, 'revoked'
    else return h, s[5], s[4] end
  end
  return nil, 'ended'
end
local function bury(h, user, tombstone, mark)
  redis.call('DEL', sessionKey(h))
  redis.call('HSET', sessionKey(h), 'x', mark or '1')
  redis.call('PEXPIRE', sessionKey(h), tombstone)
  if user then redis.call('HDEL', userKey(user), 's:' .. h) end
end
local function refresh(h, user, idle, ends)
  local ttl = tonumber(idle)
  if ends > 0 then ttl = math.min(ttl, ends - now) end
  redis.call('HSET', sessionKey(h), 't', now)
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

/** A script of these parts; `quick` comes first and may have been enough. */
export function defineStoreScript(name: string, body: string, quick = ''): StoreScript {
  const lua = START + quick + REST + body
  return { name, lua, sha: createHash('sha1').update(lua).digest('hex') }
}
