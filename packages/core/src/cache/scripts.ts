import { defineScript } from '../redis/script.ts'
import type { Script } from '../redis/types.ts'
import { FRESH_UNTIL_OFFSET, STALE_OFFSET } from './wire-format.ts'

/** Redis's clock in milliseconds. Its replies to TIME are seconds and microseconds. */
const NOW = `local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)`

/**
 * Reads a value or, if it is missing, grants its lease: one step, so that nobody comes between.
 *
 * A caller that has seen a value and found it stale or invalidated names it by its freshness; that
 * one then counts as missing, and one that was stored since does not.
 *
 * KEYS: value, lease; ARGV: token (empty: no lease wanted), milliseconds of a lease, freshness of
 * the value found unusable (8 bytes, or none). Replies Redis's clock, the value or nil, and 1 if the
 * lease was granted.
 */
export const READ: Script = defineScript(
  'read',
  `
${NOW}
local value = redis.call('GET', KEYS[1])
local fresh = value and string.sub(value, ${FRESH_UNTIL_OFFSET + 1}, ${FRESH_UNTIL_OFFSET + 8})
if value and fresh ~= ARGV[3] then return {now, value, 0} end
if ARGV[1] == '' then return {now, false, 0} end
if redis.call('SET', KEYS[2], ARGV[1], 'NX', 'PX', ARGV[2]) then return {now, false, 1} end
return {now, false, 0}`,
)

/**
 * Stores a value if its lease still stands, and ends the lease. Writes into it until when it is
 * fresh by Redis's clock.
 *
 * KEYS: value, lease; ARGV: token, bytes, milliseconds of freshness, milliseconds in all. Replies 1
 * or 0.
 */
export const FILL: Script = defineScript(
  'fill',
  `
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 0 end
${NOW}
local fresh = struct.pack('<d', now + ARGV[3])
local bytes = string.sub(ARGV[2], 1, ${FRESH_UNTIL_OFFSET}) .. fresh .. string.sub(ARGV[2], ${FRESH_UNTIL_OFFSET + 9})
redis.call('DEL', KEYS[2])
redis.call('SET', KEYS[1], bytes, 'PX', ARGV[4])
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
 * under way. KEYS: value, lease.
 */
export const EXPIRE: Script = defineScript(
  'expire',
  `
redis.call('DEL', KEYS[2])
local header = redis.call('GETRANGE', KEYS[1], ${FRESH_UNTIL_OFFSET}, ${STALE_OFFSET + 7})
if #header < 16 then return redis.call('DEL', KEYS[1]) end
local fresh, stale = struct.unpack('<dd', header)
${NOW}
if fresh <= now then return 0 end
if stale < 1 then return redis.call('DEL', KEYS[1]) end
redis.call('SETRANGE', KEYS[1], ${FRESH_UNTIL_OFFSET}, struct.pack('<d', now))
redis.call('PEXPIRE', KEYS[1], math.ceil(stale))
return 1`,
)

/**
 * Reads the name of an era and the epoch, making either that is not there. An epoch that had to be
 * made anew makes a new era: beside lower numbers, old entries would look recent.
 *
 * KEYS: era, epoch; ARGV: a random name.
 */
export const SEED_ERA: Script = defineScript(
  'seed-era',
  `
if redis.call('SET', KEYS[2], '0', 'NX') then redis.call('DEL', KEYS[1]) end
redis.call('SET', KEYS[1], ARGV[1], 'NX')
return redis.call('MGET', KEYS[1], KEYS[2])`,
)

/**
 * The same for an inner namespace, which has a name but no epoch, and is forgotten when nobody has
 * used it for long.
 *
 * KEYS: era; ARGV: a random name, milliseconds.
 */
export const SEED_INNER_ERA: Script = defineScript(
  'seed-inner-era',
  `
redis.call('SET', KEYS[1], ARGV[1], 'NX')
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return redis.call('MGET', KEYS[1])`,
)

/** Counts a tag invalidation. KEYS: era, epoch. Replies the epoch that begins. */
export const NEXT_EPOCH: Script = defineScript(
  'next-epoch',
  `
if redis.call('SET', KEYS[2], '0', 'NX') then redis.call('DEL', KEYS[1]) end
return redis.call('INCR', KEYS[2])`,
)

/**
 * Reads a tag's record, making one if there is none, and keeps it for as long as an entry needs it:
 * twice as long, so that it is not prolonged for each.
 *
 * KEYS: tag; ARGV: the present epoch, milliseconds.
 */
export const SEED_TAG: Script = defineScript(
  'seed-tag',
  `
local record = redis.call('GET', KEYS[1])
if not record then
  record = ARGV[1] .. ',' .. ARGV[1]
  redis.call('SET', KEYS[1], record, 'PX', ARGV[2] * 2)
elseif redis.call('PTTL', KEYS[1]) < tonumber(ARGV[2]) then
  redis.call('PEXPIRE', KEYS[1], ARGV[2] * 2)
end
return record`,
)

/**
 * Counts a tag invalidation and drops the tag's record, in one step, so that reads sent after it
 * find it done. On a Cluster the two keys have slots of their own and this is two steps.
 *
 * KEYS: era, epoch, tag. Replies the epoch that begins.
 */
export const DELETE_TAG: Script = defineScript(
  'delete-tag',
  `
if redis.call('SET', KEYS[2], '0', 'NX') then redis.call('DEL', KEYS[1]) end
redis.call('DEL', KEYS[3])
return redis.call('INCR', KEYS[2])`,
)

/** Marks a tag expired in an epoch, if it has a record. KEYS: tag; ARGV: epoch. */
export const EXPIRE_TAG: Script = defineScript(
  'expire-tag',
  `
local record = redis.call('GET', KEYS[1])
if not record then return 0 end
redis.call('SET', KEYS[1], string.match(record, '^[^,]*') .. ',' .. ARGV[1], 'KEEPTTL')
return 1`,
)
