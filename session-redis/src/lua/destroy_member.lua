-- Destroys the session that an index member names, under its current key.
--
-- KEYS: the key that the session has, or had when it was added to the index.
-- ARGV: the member; now.
-- Returns DONE with the session that was destroyed, or EXPIRED if it had expired, both with stale index members; GONE if
--   no session has the member; NOT_A_SESSION if the memberships of the key's value cannot be read.

local key, stored = find_session(KEYS[1], ARGV[1])
if key then
  local membership, deadlines = membership_of(stored), redis.call('HGET', key, 'd')
  local idle, lifetime = string.match(deadlines or '', '^(%d+) (%d+)$')
  local has_expired = idle and not less(ARGV[2], earlier(idle, lifetime))
  if not has_expired then
    note_end(key)
  end
  membership.destroy(key)
  return with_ended(membership.reply(has_expired and EXPIRED or DONE))
end
stored = redis.pcall('HGET', KEYS[1], 'i')
local is_readable = type(stored) == 'string' and decode_memberships(stored)
return redis.call('EXISTS', KEYS[1]) == 1 and not is_readable and NOT_A_SESSION or GONE
