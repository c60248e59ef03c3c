-- Raises the floor of a name.
--
-- KEYS: the name.
-- ARGV: the new floor, now, the moment until which it is remembered, each as 20 digits; a word that no other call has.
-- Returns the floor before and since when it was there; and when the call was done already, what it answered then.
--
-- Numbers of 20 digits are compared as text: as numbers they would lose digits.

local key, to, now, ends, call = KEYS[1], ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local LAST, NEVER = '00009007199254740991', '18446744073709551615'
local NONE = string.rep('0', 20) .. ' ' .. string.rep('0', 20)

local stored = redis.call('GET', key)
local before, remembered, last, answered = NONE, '', '', NONE
if stored then
  before, remembered, last, answered = string.match(stored, '^(%d+ %d+) (%d+) (%S+) (%d+ %d+)$')
  if not before then
    return redis.error_reply('WRONGTYPE what is there is not a floor')
  end
end
if last == call then
  return answered
end

if ends < remembered then
  ends = remembered
end
if now >= remembered then
  before = NONE
end
local after = to > string.sub(before, 1, 20) and to .. ' ' .. now or before
local value = table.concat({ after, ends, call, before }, ' ')
if ends == NEVER then
  redis.call('SET', key, value)
else
  redis.call('SET', key, value, 'PXAT', string.match(ends < LAST and ends or LAST, '^0*(%d+)$'))
end
return before
