import { defineScript } from '../redis/script.ts'
import type { Script } from '../redis/types.ts'
import { STALE_OFFSET } from './wire-format.ts'

/**
 * Reads values, and grants the lease of each that is missing and asked for.
 *
 * KEYS: value, lease, value, lease, ...; ARGV: milliseconds of a lease, then a token for each pair
 * (empty: no lease wanted). Replies value, remaining milliseconds; or nil, 1 if the lease was
 * granted and 0 if not; and so on.
 */
export const READ: Script = defineScript(
  'read',
  `
local reply = {}
for i = 1, #KEYS, 2 do
  local value = redis.call('GET', KEYS[i])
  local token = ARGV[(i + 1) / 2 + 1]
  reply[i] = value
  if value then
    reply[i + 1] = redis.call('PTTL', KEYS[i])
  elseif token ~= '' and redis.call('SET', KEYS[i + 1], token, 'NX', 'PX', ARGV[1]) then
    reply[i + 1] = 1
  else
    reply[i + 1] = 0
  end
end
return reply`,
)

/**
 * Stores a value if its lease still stands, and ends the lease.
 *
 * KEYS: value, lease; ARGV: token, bytes, milliseconds. Replies 1 or 0.
 */
export const FILL: Script = defineScript(
  'fill',
  `
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[2])
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
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
 * Makes a value stale by shortening what remains of it to its stale window, and ends the lease of a
 * load under way. KEYS: value, lease.
 */
export const EXPIRE: Script = defineScript(
  'expire',
  `
redis.call('DEL', KEYS[2])
local stale = redis.call('GETRANGE', KEYS[1], ${STALE_OFFSET}, ${STALE_OFFSET + 7})
if #stale < 8 then return redis.call('DEL', KEYS[1]) end
local remaining = math.ceil(struct.unpack('<d', stale))
if remaining < 1 then return redis.call('DEL', KEYS[1]) end
if redis.call('PTTL', KEYS[1]) > remaining then redis.call('PEXPIRE', KEYS[1], remaining) end
return 1`,
)

/**
 * Reads an era and the epoch, naming the era if it has none.
 *
 * KEYS: era; ARGV: a random name, milliseconds until a name not used is forgotten (0: never).
 */
export const SEED_ERA: Script = defineScript(
  'seed-era',
  `
redis.call('HSETNX', KEYS[1], 'name', ARGV[1])
if ARGV[2] ~= '0' then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return redis.call('HMGET', KEYS[1], 'name', 'epoch')`,
)

/**
 * Reads a tag's record, making one if there is none, and keeps it for as long as an entry needs it.
 *
 * KEYS: tag; ARGV: the present epoch, milliseconds.
 */
export const SEED_TAG: Script = defineScript(
  'seed-tag',
  `
local record = redis.call('GET', KEYS[1])
if not record then
  record = ARGV[1] .. ',' .. ARGV[1]
  redis.call('SET', KEYS[1], record, 'PX', ARGV[2])
elseif redis.call('PTTL', KEYS[1]) < tonumber(ARGV[2]) then
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
end
return record`,
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
