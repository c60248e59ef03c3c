-- Destroys a session.
--
-- KEYS: the session.
-- ARGV: nothing; or the time in milliseconds at which it must have expired. If it has not, its index memberships are
--   restored.
-- Returns DONE with stale index members; GONE if there is none or it has not expired; or REACH_TOO_SHORT with the field
--   'i', the reach and the members that the sets elsewhere must have.

local key, now = KEYS[1], tonumber(ARGV[1])

-- Adds the session to its index sets again, which the server may have lost or evicted.
local function restore()
  local stored = redis.call('HGET', key, 'i')
  if not stored or not decode_memberships(stored) then
    return GONE
  end
  local membership = membership_of(stored)
  if not index_is_local then
    return membership.reach_reply()
  end
  for _, entry in pairs(membership.entries) do
    add_member(set_key(key, entry.digest), entry.member, membership.reach)
  end
  return GONE
end

if now then
  local idle, lifetime = string.match(redis.call('HGET', key, 'd') or '', '^(%d+) (%d+)$')
  if not idle then
    return GONE
  end
  if now < tonumber(idle) and now < tonumber(lifetime) then
    return restore()
  end
end

-- A key can be deleted whatever it holds.
local stored = redis.pcall('HGET', key, 'i')
if type(stored) ~= 'string' then
  return redis.call('UNLINK', key) == 1 and DONE or GONE
end
local membership = membership_of(stored)
membership.destroy(key)
return membership.reply()
