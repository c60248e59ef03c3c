-- Keeps a new session, unless its key is taken.
--
-- KEYS: the session.
-- ARGV: the moment at which the key expires, in milliseconds, or 'never'; for each field that it is to be found by,
--   its name behind 'i:' and the join; then field names and values in turn.
-- Returns 1 when done, -1 when the key is taken, -5 when as many sessions as may hold a value hold it, -6 when more of
--   them must be ended first, -7 when the session would have expired already by the server's clock. With 1 come pairs of
--   a digest and a member that the index is to forget.

local key, expires = KEYS[1], ARGV[1]

if redis.call('EXISTS', key) == 1 then
  return -1
end

local first, place = 2, nil
while string.sub(ARGV[first], 1, 2) == 'i:' do
  place = place or place_of()
  place.join(string.sub(ARGV[first], 3), ARGV[first + 1])
  first = first + 2
end
local calls = {}
if expires ~= 'never' then
  calls[1] = { 'PEXPIREAT', key, '0' }
end
if place then
  if expires ~= 'never' and has_passed(expires) then
    return -7
  end
  place.secure(expires == 'never' and NEVER or expires)
  add_index_calls(calls, key)
end
local answer = forbidden(calls) or place and place.admit(key)
if answer then
  return answer
end

-- `unpack` takes a few thousand values at most.
for from = first, #ARGV, 1000 do
  redis.call('HSET', key, unpack(ARGV, from, math.min(from + 999, #ARGV)))
end
if expires ~= 'never' then
  redis.call('PEXPIREAT', key, expires)
  -- A moment that has passed ends the session at once.
  if redis.call('EXISTS', key) == 0 then
    return -7
  end
end
if place then
  place.keep(key)
end
return 1
