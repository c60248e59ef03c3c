-- Creates a session, unless its key is taken.
--
-- KEYS: the session.
-- ARGV: when the key expires, in milliseconds, or 'never'; for each field that the session is found by, its name after
--   'i:' and the argument of `membership.add`; then names and values of all fields in turn.
-- Returns DONE with stale index members, KEY_TAKEN, LIMIT_REACHED, MORE_TO_EVICT or DEADLINE_PASSED, with the sessions
--   that were evicted.

local key, expires = KEYS[1], ARGV[1]

if redis.call('EXISTS', key) == 1 then
  return KEY_TAKEN
end

local first, membership = 2, nil
while string.sub(ARGV[first], 1, 2) == 'i:' do
  membership = membership or membership_of()
  membership.add(string.sub(ARGV[first], 3), ARGV[first + 1])
  first = first + 2
end
local commands = {}
if expires ~= 'never' then
  commands[1] = { 'PEXPIREAT', key, '0' }
end
if membership then
  if expires ~= 'never' and has_passed(expires) then
    return DEADLINE_PASSED
  end
  membership.ensure_reach(expires == 'never' and NEVER or expires)
  add_membership_commands(commands, key)
end
local refusal = permission_error(commands) or membership and check_limit(membership, key)
if refusal then
  return with_ended(refusal)
end

-- `unpack` takes a few thousand values at most.
for from = first, #ARGV, 1000 do
  redis.call('HSET', key, unpack(ARGV, from, math.min(from + 999, #ARGV)))
end
if expires ~= 'never' then
  redis.call('PEXPIREAT', key, expires)
  -- A time that has passed deletes the key at once.
  if redis.call('EXISTS', key) == 0 then
    return DEADLINE_PASSED
  end
end
if membership then
  membership.write(key)
end
return with_ended(DONE)
