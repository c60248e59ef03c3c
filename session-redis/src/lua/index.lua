-- What scripts share that keep a session and its place in the index in step.
--
-- The index of a value is a sorted set. Its members are where a session was when it came to hold the value (the 43
-- characters of its key's hash) and when that was (16 digits, microseconds): they are unique, so one that was taken
-- out is never meant again. Scores are the moments until which members may be needed; the set expires with the last.
-- What a session is in, its field 'i' remembers: by the names of fields the digest of the value and the member; and as
-- 'reach' the moment until which the index names it for sure, which its deadline never passes. A session that moved is
-- found by the key it had, with '>' behind it, which holds the hash of the key that it has.
--
-- Keys are made from others, and not declared: in a cluster those of one session share its slot.
--
-- Moments are milliseconds in decimal: exact as numbers below 2^53, and kept as they came.

local NEVER, LAST = '18446744073709551615', '9007199254740991'

-- How many seconds there are between telling the index of a session and writing it where the values of the index are
-- capped. Who counts there waits twice as long for the session.
local TAKE = 30

-- Whether one decimal is less than another; as numbers they would lose digits.
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

-- Whether a moment has passed by the server's clock.
local function has_passed(moment)
  local time = redis.call('TIME')
  return not less(time[1] .. string.sub(string.format('%06d', time[2]), 1, 3), moment)
end

-- The error to answer when the user may not call one of these commands; nil when all are allowed. A script asks before
-- its first write, so that it never stops half-way.
local function forbidden(calls)
  for _, call in ipairs(calls) do
    if not redis.acl_check_cmd(unpack(call)) then
      return redis.error_reply('NOPERM the user of the session store has no permission to run ' .. call[1])
    end
  end
end

-- The commands that are run on a set.
local function index_calls(set)
  return {
    { 'TIME' }, { 'ZREMRANGEBYSCORE', set, '0', '0' }, { 'EXISTS', set }, { 'ZADD', set, '0', '' },
    { 'PERSIST', set }, { 'PEXPIREAT', set, '0' }, { 'UNLINK', set },
  }
end

-- The set of a value with this digest.
local function set_of(key, digest)
  return string.match(key, '^[^{]*:') .. 'i:' .. digest
end

-- The key of a session with this hash.
local function key_of(near, hash)
  return string.match(near, '^[^{]*:') .. '{' .. string.sub(hash, 1, 2) .. '}' .. string.sub(hash, 3)
end

-- What is there for a while when a member that came just now is never to name a session any more.
local function bar_of(near, member)
  return key_of(near, string.sub(member, 1, 43)) .. '!' .. string.sub(member, 44)
end

-- How many seconds ago a member came.
local function age(member)
  return redis.call('TIME')[1] - string.sub(member, 44, -7)
end

local function bar(near, member)
  if age(member) <= 2 * TAKE then
    redis.call('SET', bar_of(near, member), '', 'PX', 2 * TAKE * 1000)
  end
end

-- Removes the members whose moment has passed. What has the name of a set and is none would fail every write of the
-- sessions that belong into it, and goes.
local function prune(set, seconds)
  local pruned = redis.pcall('ZREMRANGEBYSCORE', set, '-inf', seconds .. '000')
  if type(pruned) == 'table' and string.find(pruned.err, 'WRONGTYPE', 1, true) then
    redis.call('UNLINK', set)
  end
end

-- Puts a member into a set, or keeps it there for longer. One without a time gets the present.
local function enter(set, member, reach)
  local time = redis.call('TIME')
  if #member == 43 then
    member = member .. time[1] .. string.format('%06d', time[2])
  end
  prune(set, time[1])
  local is_new = redis.call('EXISTS', set) == 0
  local expires = earlier(reach, LAST)
  redis.call('ZADD', set, 'GT', reach == NEVER and '+inf' or expires, member)
  if reach == NEVER then
    redis.call('PERSIST', set)
  elseif is_new then
    redis.call('PEXPIREAT', set, expires)
  else
    redis.call('PEXPIREAT', set, expires, 'GT')
  end
  return member
end

