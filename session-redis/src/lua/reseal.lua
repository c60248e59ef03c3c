-- Moves a session to a new key, sealed for it, unless it changed since it was read.
--
-- KEYS: the session; the key it moves to, in the same slot.
-- ARGV: the moment at which the new key expires, in milliseconds, or 'never'; the moment until which such a session
--   is put into the index; what the field 'i' is and how far the index reaches by now, or '' and ''; how many fields
--   the session had; their names and values in turn; for each field that it is to be found by, its name behind 'i:'
--   and the join; then the new names and values in turn, 'd' last.
-- Returns 1 when done, 0 when the session is gone, -1 when the new key is taken, -3 when the session changed, -4 and
--   more when the index is to reach further first, -5 when others would have to make room first, -6 when the index was
--   told too long ago. With 1 come pairs of a digest and a member that the index is to forget.

local key, fresh, expires, wanted, count = KEYS[1], KEYS[2], ARGV[1], ARGV[2], tonumber(ARGV[5])

if redis.call('EXISTS', key) == 0 then
  return 0
end
if redis.call('EXISTS', fresh) == 1 then
  return -1
end
if redis.call('HLEN', key) ~= count then
  return -3
end
local first, indexed = 6 + 2 * count, nil
for at = 6, first - 1, 2 do
  if redis.call('HGET', key, ARGV[at]) ~= ARGV[at + 1] then
    return -3
  end
  if ARGV[at] == 'i' then
    indexed = ARGV[at + 1]
  end
end

local place = indexed and place_of(indexed)
while string.sub(ARGV[first], 1, 2) == 'i:' do
  place = place or place_of()
  place.join(string.sub(ARGV[first], 3), ARGV[first + 1])
  first = first + 2
end
if place then
  place.extend(ARGV[3], ARGV[4])
  local answer = place.admit(key) or place.secure(earlier(string.match(ARGV[#ARGV], '^(%d+) (%d+)$')), wanted)
  if answer then
    return answer
  end
end

redis.call('UNLINK', key)
-- `unpack` takes a few thousand values at most.
for from = first, #ARGV, 1000 do
  redis.call('HSET', fresh, unpack(ARGV, from, math.min(from + 999, #ARGV)))
end
if expires ~= 'never' then
  redis.call('PEXPIREAT', fresh, expires)
end
if not place then
  return 1
end
place.drop_all()
place.keep(fresh)
return place.done()
