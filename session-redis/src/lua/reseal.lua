-- Moves a session to a new key, sealed for it, unless it changed since it was read.
--
-- KEYS: the session; the key it moves to, in the same slot.
-- ARGV: the moment at which the new key expires, in milliseconds, or 'never'; how many fields the session had; their
--   names and values in turn; then the new names and values in turn.
-- Returns 1 when done, 0 when the session is gone, -1 when the new key is taken, -3 when the session changed.

local key, fresh, expires, count = KEYS[1], KEYS[2], ARGV[1], tonumber(ARGV[2])

if redis.call('EXISTS', key) == 0 then
  return 0
end
if redis.call('EXISTS', fresh) == 1 then
  return -1
end
if redis.call('HLEN', key) ~= count then
  return -3
end
for at = 3, 2 * count + 1, 2 do
  if redis.call('HGET', key, ARGV[at]) ~= ARGV[at + 1] then
    return -3
  end
end

redis.call('DEL', key)
-- `unpack` takes a few thousand values at most.
for first = 3 + 2 * count, #ARGV, 1000 do
  redis.call('HSET', fresh, unpack(ARGV, first, math.min(first + 999, #ARGV)))
end
if expires ~= 'never' then
  redis.call('PEXPIREAT', fresh, expires)
end
return 1
