-- Removes members from the index of a value whose sessions do not hold it, and those whose moment has passed.
--
-- KEYS: the sorted set.
-- ARGV: how many seconds ago a member must have come, since its session may be written just now; members.
-- Returns how many of them were removed.

local time = redis.call('TIME')
local oldest = (time[1] - ARGV[1]) * 1000000 + time[2]
local removed = 0
prune(KEYS[1])
for index = 2, #ARGV do
  if (tonumber(string.sub(ARGV[index], 44)) or 0) <= oldest then
    removed = removed + redis.call('ZREM', KEYS[1], ARGV[index])
  end
end
expire(KEYS[1])
return removed
