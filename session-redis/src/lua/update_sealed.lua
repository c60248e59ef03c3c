-- Writes a sealed session unless it changed since it was read, and renames it to the key of a new token if one is given.
--
-- KEYS: the session; to renew it, the key of the new token, in the same slot.
-- ARGV: the field 's' as it was read; when the key expires, in milliseconds, or 'never'; the reach that sets elsewhere
--   get; the field 'i' and the reach that its sets were extended to, or '' and ''; how many fields to remove, and their
--   names; for each field that the session is found by, its name after 'i:' and the argument of `membership.add`; then
--   names and values that changed, in turn.
-- Returns DONE with stale index members, GONE, KEY_TAKEN, NOT_A_SESSION, CHANGED, LIMIT_REACHED, MORE_TO_EVICT,
--   DEADLINE_PASSED, or REACH_TOO_SHORT with what must be extended; with the sessions that were evicted.

local key, fresh, expires, wanted, dropped = KEYS[1], KEYS[2], ARGV[2], ARGV[3], tonumber(ARGV[6])

local manifest, stored = unpack(redis.call('HMGET', key, 's', 'i'))
if manifest ~= ARGV[1] then
  if redis.call('EXISTS', key) == 1 then
    return CHANGED
  end
  -- No other call knows the new key. A session there was renewed by this call, whose reply was lost.
  return fresh and redis.call('EXISTS', fresh) == 1 and DONE or GONE
end
if fresh and redis.call('EXISTS', fresh) == 1 then
  return KEY_TAKEN
end

if stored and not decode_memberships(stored) then
  return NOT_A_SESSION
end

local first, membership = 7 + dropped, stored and membership_of(stored)
while string.sub(ARGV[first], 1, 2) == 'i:' do
  membership = membership or membership_of()
  membership.add(string.sub(ARGV[first], 3), ARGV[first + 1])
  first = first + 2
end
local commands = { { 'HDEL', key, '' }, expires == 'never' and { 'PERSIST', key } or { 'PEXPIREAT', key, '0' } }
if fresh then
  commands[3] = { 'RENAME', key, fresh }
end
if expires ~= 'never' and has_passed(expires) then
  return DEADLINE_PASSED
end
local refusal
if membership then
  membership.confirm_reach(ARGV[4], ARGV[5])
  membership.drop_all()
  refusal = membership.ensure_reach(expires == 'never' and NEVER or expires, wanted)
  add_membership_commands(commands, key)
end
refusal = refusal or permission_error(commands) or membership and check_limit(membership, key)
if refusal then
  return with_ended(refusal)
end

-- `unpack` takes a few thousand values at most.
for from = first, #ARGV, 1000 do
  redis.call('HSET', key, unpack(ARGV, from, math.min(from + 999, #ARGV)))
end
for from = 7, 6 + dropped, 1000 do
  redis.call('HDEL', key, unpack(ARGV, from, math.min(from + 999, 6 + dropped)))
end
if expires == 'never' then
  redis.call('PERSIST', key)
else
  redis.call('PEXPIREAT', key, expires)
end
if fresh then
  redis.call('RENAME', key, fresh)
  key = fresh
end
if not membership then
  return DONE
end
membership.write(key)
return with_ended(membership.reply())
