-- Moves a session to a new key, sealed for it, unless it changed since it was read.
--
-- KEYS: the session; the key it moves to, in the same slot.
-- ARGV: the moment at which the new key expires, in milliseconds, or 'never'; the moment until which such a session is put
--   into the index; what the field 'i' is and how far the index reaches by now, or '' and ''; how many fields the session
--   had; their names and values in turn; for each field that it is to be found by, its name behind 'i:' and the join;
--   then the new names and values in turn, 'd' last.
-- Returns 1 when done, 0 when the session is gone, -1 when the new key is taken, -3 when the session changed, -4 and more
--   when the index is to reach further first. With 1 come pairs of a digest and a member that the index is to forget.

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
local first, index = 6 + 2 * count, nil
for at = 6, first - 1, 2 do
  if redis.call('HGET', key, ARGV[at]) ~= ARGV[at + 1] then
    return -3
  end
  if ARGV[at] == 'i' then
    index = ARGV[at + 1]
  end
end

local held, joins, reach = index and cmsgpack.unpack(index), {}, nil
while string.sub(ARGV[first], 1, 2) == 'i:' do
  joins[string.sub(ARGV[first], 3)] = read_join(ARGV[first + 1])
  first = first + 2
end
if held or next(joins) then
  if index and index == ARGV[3] then
    held.reach = ARGV[4]
  end
  reach = reached(held, joins)
  if less(reach, earlier(string.match(ARGV[#ARGV], '^(%d+) (%d+)$'))) then
    if not here then
      return unreached(index, wanted, held)
    end
    reach = wanted
  end
end

redis.call('UNLINK', key)
-- `unpack` takes a few thousand values at most.
for from = first, #ARGV, 1000 do
  redis.call('HSET', fresh, unpack(ARGV, from, math.min(from + 999, #ARGV)))
end
if reach then
  reindex(fresh, held, joins, held and held.entries or {}, reach)
end
if expires ~= 'never' then
  redis.call('PEXPIREAT', fresh, expires)
end
return done()
