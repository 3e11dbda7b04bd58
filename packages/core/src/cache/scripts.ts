import { defineScript } from '../redis/script.ts'
import type { Script } from '../redis/types.ts'
import { FRESH_UNTIL_OFFSET, MAGIC, STALE_OFFSET, VERSION } from './wire-format.ts'

/** Redis's clock in milliseconds. Its replies to TIME are seconds and microseconds. */
const NOW = `local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)`

/** Tells those who follow by pub/sub which key has changed. The channel, if any, is the last argument. */
const ANNOUNCE = `local function announce(key)
  if ARGV[#ARGV] ~= '' then redis.pcall('PUBLISH', ARGV[#ARGV], key) end
end`

/**
 * Reads a value or, if it is missing, grants its lease: one step, so that nobody comes between.
 *
 * A caller that has seen a value and found it stale or invalidated names it by its freshness; that
 * one then counts as missing, and one that was stored since does not. What is no string is not ours
 * and counts as missing as well.
 *
 * KEYS: value, lease; ARGV: token (empty: no lease wanted), milliseconds of a lease, freshness of
 * the value found unusable (8 bytes, or none). Replies Redis's clock, the value or nil, and 1 if the
 * lease was granted.
 */
export const READ: Script = defineScript(
  'read',
  `
${NOW}
local value = redis.pcall('GET', KEYS[1])
if type(value) == 'table' then value = false end
local fresh = value and string.sub(value, ${FRESH_UNTIL_OFFSET + 1}, ${FRESH_UNTIL_OFFSET + 8})
if value and fresh ~= ARGV[3] then return {now, value, 0} end
if ARGV[1] == '' then return {now, false, 0} end
if redis.call('SET', KEYS[2], ARGV[1], 'NX', 'PX', ARGV[2]) then return {now, false, 1} end
if redis.call('MGET', KEYS[2])[1] then return {now, false, 0} end
redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[2])
return {now, false, 1}`,
)

/**
 * Stores a value if its lease still stands and its namespaces were not cleared, and ends the lease.
 * Writes into it until when it is fresh by Redis's clock, to the microsecond: that is the entry's name
 * as well, and two may be stored in a millisecond.
 *
 * What was written, rather than loaded, must leave nothing older behind when it comes too late: if
 * somebody else is at it, the value there is older than both and goes.
 *
 * KEYS: value, lease, eras (none on a Cluster); ARGV: token, bytes, milliseconds of freshness,
 * milliseconds in all, 1 if it was written, names of the eras, channel. Replies until when the value is fresh,
 * as it lies in the entry, or 0 if it was refused.
 */
export const FILL: Script = defineScript(
  'fill',
  `
${ANNOUNCE}
local lease = redis.call('GET', KEYS[2])
if lease ~= ARGV[1] then
  if lease and ARGV[5] == '1' and redis.call('DEL', KEYS[1]) == 1 then announce(KEYS[1]) end
  return 0
end
for index = 3, #KEYS do
  if redis.call('GET', KEYS[index]) ~= ARGV[index + 3] then
    redis.call('DEL', KEYS[2])
    return 0
  end
end
${NOW}
local fresh = struct.pack('<d', now + time[2] % 1000 / 1000 + math.floor(ARGV[3]))
local bytes = string.sub(ARGV[2], 1, ${FRESH_UNTIL_OFFSET}) .. fresh .. string.sub(ARGV[2], ${FRESH_UNTIL_OFFSET + 9})
redis.call('DEL', KEYS[2])
redis.call('SET', KEYS[1], bytes, 'PX', ARGV[4])
announce(KEYS[1])
return fresh`,
)

/**
 * Gives a lease back for a value that was written and is not to be stored: what is there is older.
 * No lease at all means that somebody has been there since.
 *
 * KEYS: value, lease; ARGV: token, channel.
 */
export const WITHDRAW: Script = defineScript(
  'withdraw',
  `
${ANNOUNCE}
local lease = redis.call('GET', KEYS[2])
if lease == ARGV[1] then redis.call('DEL', KEYS[2]) end
if lease and redis.call('DEL', KEYS[1]) == 1 then announce(KEYS[1]) end
return 0`,
)

/** Removes a value and ends the lease of a load under way. KEYS: value, lease; ARGV: channel. */
export const DELETE: Script = defineScript(
  'delete',
  `
${ANNOUNCE}
redis.call('DEL', KEYS[1], KEYS[2])
announce(KEYS[1])
return 1`,
)

/** Forgets the name of an era: a new one will be made. KEYS: era; ARGV: channel. */
export const END_ERA: Script = defineScript(
  'end-era',
  `
${ANNOUNCE}
redis.call('DEL', KEYS[1])
announce(KEYS[1])
return 1`,
)

/** Gives a lease back. KEYS: lease; ARGV: token. */
export const RELEASE: Script = defineScript(
  'release',
  `
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0`,
)

/**
 * Makes a value stale: its freshness ends now and its stale windows begin. Ends the lease of a load
 * under way. Removes what is no entry that we can read. KEYS: value, lease; ARGV: channel.
 */
export const EXPIRE: Script = defineScript(
  'expire',
  `
${ANNOUNCE}
announce(KEYS[1])
redis.call('DEL', KEYS[2])
local header = redis.pcall('GETRANGE', KEYS[1], 0, ${STALE_OFFSET + 7})
local isOurs = type(header) == 'string' and #header == ${STALE_OFFSET + 8}
  and string.sub(header, 1, 2) == '${MAGIC}' and string.byte(header, 3) == ${VERSION}
if not isOurs then return redis.call('DEL', KEYS[1]) end
local fresh, stale = struct.unpack('<dd', header, ${FRESH_UNTIL_OFFSET + 1})
${NOW}
if fresh <= now then return 0 end
if not (stale >= 1 and stale < 1e15) then return redis.call('DEL', KEYS[1]) end
redis.call('SETRANGE', KEYS[1], ${FRESH_UNTIL_OFFSET}, struct.pack('<d', now))
redis.call('PEXPIRE', KEYS[1], math.ceil(stale))
return 1`,
)

/**
 * A new count makes old entries and what is known of recent invalidations look later than it. What is
 * no count is not ours, and is none: MGET gives nothing of what is no text.
 */
const BEGIN_EPOCHS = `if not string.match(redis.call('MGET', KEYS[2])[1] or '', '^%d+$') then
  redis.call('SET', KEYS[2], '0')
  redis.call('DEL', KEYS[1], KEYS[3])
end`

const NAME_ERA = `if not redis.call('MGET', KEYS[1])[1] then
  redis.call('SET', KEYS[1], ARGV[1])
  announce(KEYS[1])
end`

/**
 * Reads the name of an era and the epoch, making either that is not there. An epoch that had to be
 * made anew makes a new era.
 *
 * KEYS: era, epoch, recent invalidations; ARGV: a random name, channel.
 */
export const SEED_ERA: Script = defineScript(
  'seed-era',
  `
${ANNOUNCE}
${BEGIN_EPOCHS}
${NAME_ERA}
return redis.call('MGET', KEYS[1], KEYS[2])`,
)

/**
 * The same for an inner namespace, which has a name but no epoch, and is forgotten when nobody has
 * used it for long.
 *
 * KEYS: era; ARGV: a random name, milliseconds, channel.
 */
export const SEED_INNER_ERA: Script = defineScript(
  'seed-inner-era',
  `
${ANNOUNCE}
${NAME_ERA}
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return redis.call('MGET', KEYS[1])`,
)

/**
 * Reads the records of tags, making those that are not there, and keeps them for as long as an entry
 * needs them: twice as long, so that they are not prolonged for each.
 *
 * A new record must not hide an invalidation that came before it and after the load began. The list
 * of recent ones tells: whoever is not on it was not invalidated since its oldest. Where the list
 * does not reach back to the load, anything may have been.
 *
 * KEYS: epoch, recent invalidations, tags; ARGV: milliseconds, the epoch when the load began.
 * Replies the records.
 */
export const SEED_TAGS: Script = defineScript(
  'seed-tags',
  `
local epoch = tonumber(redis.call('GET', KEYS[1]) or '0')
local begun = tonumber(ARGV[2])
local oldest
local function lastOf(kind, tag)
  if epoch <= begun then return epoch end
  local last = redis.call('ZSCORE', KEYS[2], kind .. tag)
  if last then return tonumber(last) end
  if not oldest then
    oldest = tonumber(redis.call('ZRANGE', KEYS[2], 0, 0, 'WITHSCORES')[2] or epoch + 1)
  end
  return oldest - 1 <= begun and oldest - 1 or epoch
end
local records = {}
for i = 3, #KEYS do
  local record = redis.call('MGET', KEYS[i])[1]
  if not record then
    record = string.format('%.0f,%.0f', lastOf('d', KEYS[i]), lastOf('e', KEYS[i]))
    redis.call('SET', KEYS[i], record, 'PX', ARGV[1] * 2)
  elseif redis.call('PTTL', KEYS[i]) < tonumber(ARGV[1]) then
    redis.call('PEXPIRE', KEYS[i], ARGV[1] * 2)
  end
  records[i - 2] = record
end
return records`,
)

/** More than can come while one load runs, and few enough to be found fast. */
const MOST_RECENT = 1_024

function nextEpoch(kind: 'd' | 'e'): string {
  return `${ANNOUNCE}
${BEGIN_EPOCHS}
announce(KEYS[4])
local epoch = redis.call('INCR', KEYS[2])
local added = redis.pcall('ZADD', KEYS[3], epoch, '${kind}' .. KEYS[4])
if type(added) == 'table' then
  redis.call('DEL', KEYS[3])
  redis.call('ZADD', KEYS[3], epoch, '${kind}' .. KEYS[4])
end
redis.call('ZREMRANGEBYRANK', KEYS[3], 0, -${MOST_RECENT + 1})`
}

/**
 * Begins an epoch in which a tag is deleted: its record goes.
 *
 * KEYS: era, epoch, recent invalidations, tag; ARGV: channel. Replies the epoch.
 */
export const DELETE_TAG: Script = defineScript(
  'delete-tag',
  `${nextEpoch('d')}
redis.call('DEL', KEYS[4])
return epoch`,
)

/**
 * Begins an epoch in which a tag is expired, if it has a record.
 *
 * KEYS: era, epoch, recent invalidations, tag; ARGV: channel. Replies the epoch.
 */
export const EXPIRE_TAG: Script = defineScript(
  'expire-tag',
  `${nextEpoch('e')}
local record = redis.call('MGET', KEYS[4])[1]
if record then
  redis.call('SET', KEYS[4], string.match(record, '^[^,]*') .. ',' .. epoch, 'KEEPTTL')
end
return epoch`,
)
