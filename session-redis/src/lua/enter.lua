-- Puts a session into the index of a value, or keeps it there for longer, before it is written elsewhere.
--
-- KEYS: the sorted set.
-- ARGV: where the session is, or the whole member when it is there; the moment until which it may be needed.
-- Returns the member, and how many there are with it.

local denied = forbidden(index_calls(KEYS[1]))
if denied then
  return denied
end
local member = enter(KEYS[1], ARGV[1], ARGV[2])
return { member, redis.call('ZCARD', KEYS[1]) }
