-- Adds a session to the index set of a value before it is written on another server, or extends the reach of its member.
--
-- KEYS: the index set.
-- ARGV: the hash in the session's key, or the member if it has one; the reach.
-- Returns the member, and the number of members with it.

local denied = permission_error(set_commands(KEYS[1]))
if denied then
  return denied
end
local member = add_member(KEYS[1], ARGV[1], ARGV[2])
return { member, redis.call('ZCARD', KEYS[1]) }
