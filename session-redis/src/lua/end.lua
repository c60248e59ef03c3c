-- Ends the session that a member of an index names, wherever it was renewed to.
--
-- KEYS: where the session is, or was when it came to the index.
-- ARGV: the member; now.
-- Returns 1 when it was ended, or 2 when it had expired, with pairs of a digest and a member that the index elsewhere is
--   to forget; 0 when none has the member; -2 when what is under the key does not say what it is found by.

local key, indexed = holder(KEYS[1], ARGV[1])
if key then
  local place, stored = place_of(indexed), redis.call('HGET', key, 'd')
  local idle, lifetime = string.match(stored or '', '^(%d+) (%d+)$')
  place.finish(key)
  return place.done(idle and not less(ARGV[2], earlier(idle, lifetime)) and 2)
end
local stored = redis.pcall('HGET', KEYS[1], 'i')
local is_said = type(stored) == 'string' and unpacked(stored)
return redis.call('EXISTS', KEYS[1]) == 1 and not is_said and -2 or 0
