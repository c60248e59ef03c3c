-- Writes a sealed session, unless it changed since it was read, and moves it to a new key when there is one.
--
-- KEYS: the session; when it is renewed, the key it moves to, in the same slot.
-- ARGV: the field 's' as it was read; the moment at which the key expires, in milliseconds, or 'never'; the moment
--   until which such a session is put into the index; what the field 'i' is and how far the index reaches by now, or
--   '' and ''; how many fields are dropped; their names; for each field that it is to be found by, its name behind 'i:'
--   and the join; then the names and values that changed, in turn.
-- Returns 1 when done, 0 when the session is gone, -1 when the new key is taken, -2 when the session does not say what it
--   is found by, -3 when the session changed, -4 and more when the index is to reach further first, -5 when as many
--   sessions as may hold a value hold it, -6 when more of them must be ended first, -7 when the new deadline has passed
--   by the server's clock. With 1 come pairs of a digest and a member that the index is to forget.

local key, fresh, expires, wanted, dropped = KEYS[1], KEYS[2], ARGV[2], ARGV[3], tonumber(ARGV[6])

local manifest, indexed = unpack(redis.call('HMGET', key, 's', 'i'))
if manifest ~= ARGV[1] then
  if redis.call('EXISTS', key) == 1 then
    return -3
  end
  -- Nobody else knows the new key: what is there came there by the same call, whose answer was lost.
  return fresh and redis.call('EXISTS', fresh) or 0
end
if fresh and redis.call('EXISTS', fresh) == 1 then
  return -1
end

if indexed and not unpacked(indexed) then
  return -2
end

local first, place = 7 + dropped, indexed and place_of(indexed)
while string.sub(ARGV[first], 1, 2) == 'i:' do
  place = place or place_of()
  place.join(string.sub(ARGV[first], 3), ARGV[first + 1])
  first = first + 2
end
local calls = { { 'HDEL', key, '' }, expires == 'never' and { 'PERSIST', key } or { 'PEXPIREAT', key, '0' } }
if fresh then
  calls[3] = { 'RENAME', key, fresh }
end
if expires ~= 'never' and has_passed(expires) then
  return -7
end
local answer
if place then
  place.extend(ARGV[4], ARGV[5])
  place.drop_all()
  answer = place.secure(expires == 'never' and NEVER or expires, wanted)
  add_index_calls(calls, key)
end
answer = answer or forbidden(calls) or place and place.admit(key)
if answer then
  return answer
end

-- `unpack` takes a few thousand values at most.
for from = first, #ARGV, 1000 do
  redis.call('HSET', key, unpack(ARGV, from, math.min(from + 999, #ARGV)))
end
for from = 7, 6 + dropped, 1000 do
  redis.call('HDEL', key, unpack(ARGV, from, math.min(from + 999, 6 + dropped)))
end
if expires == 'never' then
  redis.call('PERSIST', key)
else
  redis.call('PEXPIREAT', key, expires)
end
if fresh then
  redis.call('RENAME', key, fresh)
  key = fresh
end
if not place then
  return 1
end
place.keep(key)
return place.done()
