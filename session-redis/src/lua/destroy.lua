-- Ends a session.
--
-- KEYS: the session.
-- ARGV: nothing, or the moment in milliseconds at which it must have expired.
-- Returns 0 when it is not there or has not expired, 1 when it was ended; with further values when the index is
--   elsewhere: pairs of a digest and a member that it is to forget.

local key, now = KEYS[1], tonumber(ARGV[1])

if now then
  local idle, lifetime = string.match(redis.call('HGET', key, 'd') or '', '^(%d+) (%d+)$')
  if not idle or (now < tonumber(idle) and now < tonumber(lifetime)) then
    return 0
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
