-- Removes a session that has expired.
--
-- KEYS: the session.
-- ARGV: now, in milliseconds.
-- Returns 1 when it was removed, 0 when it lives or is gone.

local idle, lifetime = string.match(redis.call('HGET', KEYS[1], 'd') or '', '^(%d+) (%d+)$')
local now = tonumber(ARGV[1])
if idle and (now >= tonumber(idle) or now >= tonumber(lifetime)) then
  return redis.call('DEL', KEYS[1])
end
return 0
