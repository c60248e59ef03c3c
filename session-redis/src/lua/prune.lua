-- Removes members from an index set whose sessions do not hold the value, and those whose reach has passed.
--
-- KEYS: the index set.
-- ARGV: the minimum age of a member to be removed, in seconds, since the session of a younger one may still be being
--   written; members.
-- Returns how many of them were removed.

local time = redis.call('TIME')
local latest = (time[1] - ARGV[1]) * 1000000 + time[2]
local removed = 0
prune(KEYS[1])
for index = 2, #ARGV do
  if (tonumber(string.sub(ARGV[index], 44)) or 0) <= latest then
    removed = removed + redis.call('ZREM', KEYS[1], ARGV[index])
  end
end
expire_with_last(KEYS[1])
return removed
