-- Puts a session into the index of a value, or keeps it there for longer, before it is written elsewhere.
--
-- KEYS: the sorted set.
-- ARGV: where the session is, or the whole member when it is there; the moment until which it may be needed.
-- Returns the member.

local denied = forbidden(index_calls(KEYS[1]))
if denied then
  return denied
end
return enter(KEYS[1], ARGV[1], ARGV[2])
