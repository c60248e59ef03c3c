-- What scripts share that keep a session and its place in the index in step.
--
-- The index of a value is a sorted set. Its members are where a session was when it came to hold the value (the 43
-- characters of its key's hash) and when that was (16 digits, microseconds): they are unique, so one that was taken
-- out is never meant again. Scores are the moments until which members may be needed: where `here` is true, on the
-- sessions' own server, their deadlines, and elsewhere some idle timeouts more. The set expires with the last.
-- What a session is in, its field 'i' remembers: by the names of fields the digest of the value and the member; and as
-- 'reach' the moment until which the index names it for sure, which its deadline never passes. A session that moved is
-- found by the key it had, with '>' behind it, which holds the hash of the key that it has.
--
-- Keys are made from others, and not declared: in a cluster those of one session share its slot.
--
-- Moments are milliseconds in decimal: exact as numbers below 2^53, and kept as they came.

local NEVER, LAST = '18446744073709551615', '9007199254740991'

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
    { 'TIME' }, { 'ZREMRANGEBYSCORE', set, '0', '0' }, { 'UNLINK', set }, { 'ZADD', set, '0', '' }, { 'ZCARD', set },
    { 'ZRANGE', set, '0', '0' }, { 'PERSIST', set }, { 'PEXPIREAT', set, '0' },
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

-- Removes the members whose moment has passed. What has the name of a set and is none would fail every write of the
-- sessions that belong into it, and goes.
local function prune(set)
  local pruned = redis.pcall('ZREMRANGEBYSCORE', set, '-inf', redis.call('TIME')[1] .. '000')
  if type(pruned) == 'table' and string.find(pruned.err, 'WRONGTYPE', 1, true) then
    redis.call('UNLINK', set)
  end
end

-- Lets a set expire with the last of its members.
local function expire(set)
  local last = redis.call('ZRANGE', set, -1, -1, 'WITHSCORES')[2]
  if last == 'inf' then
    redis.call('PERSIST', set)
  elseif last then
    redis.call('PEXPIREAT', set, string.format('%.0f', last))
  end
end

-- Puts a member into a set. One without a time gets the present. What is there already stays there until the moment,
-- and where that was told from elsewhere, perhaps late, no shorter than it would.
local function enter(set, member, reach)
  if #member == 43 then
    local time = redis.call('TIME')
    member = member .. time[1] .. string.format('%06d', time[2])
  end
  prune(set)
  local moment = reach == NEVER and '+inf' or earlier(reach, LAST)
  if here then
    redis.call('ZADD', set, moment, member)
  else
    redis.call('ZADD', set, 'GT', moment, member)
  end
  expire(set)
  return member
end

-- Takes a member out of a set. That it fails does no harm.
local function leave(set, member)
  if redis.pcall('ZREM', set, member) == 1 then
    pcall(expire, set)
  end
end

