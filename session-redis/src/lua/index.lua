-- Index sets. Shared by all scripts that keep a session and its index memberships consistent.
--
-- The index of a value is a sorted set, the key of which is made from the digest of the value. A member names one
-- session that holds the value: the 43 characters of the hash in the session's key when it was added, then the time of
-- that in 16 digits of microseconds. Members are unique, so one that was removed is never added again. The score of a
-- member is its reach, the time until which the member may be needed: the session's deadline where `index_is_local`,
-- that is on the server of the sessions, and up to a few idle timeouts later elsewhere. The set expires with its last
-- member.
--
-- The field 'i' of a session holds its memberships: for each field that the session is found by, the digest of the
-- value and the member; and as 'reach' the time until which all of these sets name the session. The session's deadline
-- is never later. A session that was renewed is found by a redirect: a key named like the session's first one with '>'
-- at the end, which holds the hash of the current key.
--
-- Keys are derived from others, and not declared. In a cluster all keys of one session share a slot.
--
-- Times are milliseconds in decimal. As numbers they are exact below 2^53; they are stored as they were passed.

local NEVER, LAST = '18446744073709551615', '9007199254740991'

-- Compares decimals, which as numbers would lose digits.
local function less(a, b)
  local negative = string.sub(a, 1, 1) == '-'
  if negative ~= (string.sub(b, 1, 1) == '-') then
    return negative
  elseif #a ~= #b then
    return (#a < #b) ~= negative
  end
  return a ~= b and (a < b) ~= negative
end

local function earlier(a, b)
  return less(a, b) and a or b
end

-- Whether a time has passed by the clock of the server.
local function has_passed(moment)
  local time = redis.call('TIME')
  return not less(time[1] .. string.sub(string.format('%06d', time[2]), 1, 3), moment)
end

-- Returns an error reply if the user may not run one of these commands, else nil. Scripts check before their first
-- write, so that none stops half-way.
local function permission_error(commands)
  for _, command in ipairs(commands) do
    if not redis.acl_check_cmd(unpack(command)) then
      return redis.error_reply('NOPERM the user of the session store has no permission to run ' .. command[1])
    end
  end
end

-- Commands that are run on an index set.
local function set_commands(set)
  return {
    { 'TIME' }, { 'ZREMRANGEBYSCORE', set, '0', '0' }, { 'UNLINK', set }, { 'ZADD', set, '0', '' }, { 'ZCARD', set },
    { 'ZRANGE', set, '0', '0' }, { 'PERSIST', set }, { 'PEXPIREAT', set, '0' },
  }
end

-- The key of the index set of a digest. `key` is any key of the store.
local function set_key(key, digest)
  return string.match(key, '^[^{]*:') .. 'i:' .. digest
end

-- The key of the session with this hash. `key` is any key of the store.
local function session_key(key, hash)
  return string.match(key, '^[^{]*:') .. '{' .. string.sub(hash, 1, 2) .. '}' .. string.sub(hash, 3)
end

-- Removes the members whose score has passed. A value of another type is removed whole: it would fail every write of the
-- sessions that belong into the set.
local function prune(set)
  local pruned = redis.pcall('ZREMRANGEBYSCORE', set, '-inf', redis.call('TIME')[1] .. '000')
  if type(pruned) == 'table' and string.find(pruned.err, 'WRONGTYPE', 1, true) then
    redis.call('UNLINK', set)
  end
end

-- Sets the expiry of a set to the score of its last member.
local function expire_with_last(set)
  local last = redis.call('ZRANGE', set, -1, -1, 'WITHSCORES')[2]
  if last == 'inf' then
    redis.call('PERSIST', set)
  elseif last then
    redis.call('PEXPIREAT', set, string.format('%.0f', last))
  end
end

-- Adds a member to a set, or updates its score. A hash alone gets the current time appended. Scores are not lowered
-- where the request comes from another server, since it may be late.
local function add_member(set, member, reach)
  if #member == 43 then
    local time = redis.call('TIME')
    member = member .. time[1] .. string.format('%06d', time[2])
  end
  prune(set)
  local score = reach == NEVER and '+inf' or earlier(reach, LAST)
  if index_is_local then
    redis.call('ZADD', set, score, member)
  else
    redis.call('ZADD', set, 'GT', score, member)
  end
  expire_with_last(set)
  return member
end

-- Removes a member from a set. A failure is harmless, because lookups ignore stale members.
local function remove_member(set, member)
  if redis.pcall('ZREM', set, member) == 1 then
    pcall(expire_with_last, set)
  end
end

