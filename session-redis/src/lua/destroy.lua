-- Ends a session.
--
-- KEYS: the session.
-- ARGV: nothing, or the moment in milliseconds at which it must have expired; if it has not, the index is repaired.
-- Returns 0 when it is not there or has not expired, 1 when it was ended. When the index is elsewhere, there come with 1
--   pairs of a digest and a member that it is to forget, and instead of 0 it may be -4, the field 'i', a moment, and
--   pairs that it is to have until then.

local key, now = KEYS[1], tonumber(ARGV[1])

-- Puts the session back where the index should name it: its server may have lost that, or evicted it.
local function repair()
  local index = redis.call('HGET', key, 'i')
  if not index then
    return 0
  end
  local held = cmsgpack.unpack(index)
  if not here then
    return unreached(index, held.reach, held)
  end
  for _, entry in pairs(held.entries) do
    enter(sibling(key, ':i:' .. entry.digest), entry.member, held.reach)
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
local index = redis.pcall('HGET', key, 'i')
if type(index) == 'string' then
  for _, entry in pairs(cmsgpack.unpack(index).entries) do
    leave(key, entry.digest, entry.member)
    local origin = string.sub(entry.member, 1, 43)
    if origin ~= hash_of(key) then
      redis.call('UNLINK', forwarder(key, origin))
    end
  end
end
if redis.call('UNLINK', key) == 0 then
  return 0
end
return done()
