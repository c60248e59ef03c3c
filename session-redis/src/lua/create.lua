-- Keeps a new session, unless its key is taken.
--
-- KEYS: the session.
-- ARGV: the moment at which the key expires, in milliseconds, or 'never'; then field names and values in turn.
-- Returns 1 when done, -1 when the key is taken.

local key, expires = KEYS[1], ARGV[1]

if redis.call('EXISTS', key) == 1 then
  return -1
end

-- `unpack` takes a few thousand values at most.
for first = 2, #ARGV, 1000 do
  redis.call('HSET', key, unpack(ARGV, first, math.min(first + 999, #ARGV)))
end

if expires ~= 'never' then
  redis.call('PEXPIREAT', key, expires)
end
return 1
