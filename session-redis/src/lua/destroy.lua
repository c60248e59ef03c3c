-- Ends a session.
--
-- KEYS: the session.
-- ARGV: nothing, or the moment in milliseconds at which it must have expired; if it has not, the index is repaired.
-- Returns 0 when it is not there or has not expired, 1 when it was ended. When the index is elsewhere, there come
--   with 1 pairs of a digest and a member that it is to forget, and instead of 0 it may be -4, the field 'i', a
--   moment, and pairs that it is to have until then.

local key, now = KEYS[1], tonumber(ARGV[1])

-- Puts the session back where the index should name it: its server may have lost that, or evicted it.
local function repair()
  local indexed = redis.call('HGET', key, 'i')
  if not indexed or not unpacked(indexed) then
    return 0
  end
  local place = place_of(indexed)
  if not here then
    return place.missing()
  end
  for _, entry in pairs(place.entries) do
    enter(set_of(key, entry.digest), entry.member, place.reach)
  end
  return 0
end

if now then
  local idle, lifetime = string.match(redis.call('HGET', key, 'd') or '', '^(%d+) (%d+)$')
  if not idle then
    return 0
  end
  if now < tonumber(idle) and now < tonumber(lifetime) then
    return repair()
  end
end

-- Whatever else the key may hold, it can be removed.
local indexed = redis.pcall('HGET', key, 'i')
if type(indexed) ~= 'string' then
  return redis.call('UNLINK', key)
end
local place = place_of(indexed)
place.finish(key)
return place.done()
