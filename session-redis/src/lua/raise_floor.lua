-- Raises the floor of a name in the revocation list.
--
-- KEYS: the name.
-- ARGV: the new floor, now, the time until which it is kept, each in 20 digits; an id of the call.
-- Returns the previous floor and since when it was there; for a call that was executed already, what it returned then.
--
-- Numbers of 20 digits are compared as text, since as numbers they would lose digits.

local key, floor, now, expires, call = KEYS[1], ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local LAST, NEVER = '00009007199254740991', '18446744073709551615'
local NONE = string.rep('0', 20) .. ' ' .. string.rep('0', 20)

local stored = redis.call('GET', key)
local before, kept_until, last_call, last_reply = NONE, '', '', NONE
if stored then
  before, kept_until, last_call, last_reply = string.match(stored, '^(%d+ %d+) (%d+) (%S+) (%d+ %d+)$')
  if not before then
    return redis.error_reply('WRONGTYPE the key does not hold a floor')
  end
end
if last_call == call then
  return last_reply
end

if expires < kept_until then
  expires = kept_until
end
if now >= kept_until then
  before = NONE
end
local after = floor > string.sub(before, 1, 20) and floor .. ' ' .. now or before
local value = table.concat({ after, expires, call, before }, ' ')
if expires == NEVER then
  redis.call('SET', key, value)
else
  redis.call('SET', key, value, 'PXAT', string.match(expires < LAST and expires or LAST, '^0*(%d+)$'))
end
return before
