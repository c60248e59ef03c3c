-- What scripts share that keep a session and its place in the index in step.
--
-- The index of a value is a sorted set. Its members are where a session was when it came to hold the value (the 43
-- characters of its key's hash) and when that was (16 digits, microseconds): they are unique, so one that was taken out
-- is never meant again. Scores are the moments until which members may be needed; the set expires with the last of them.
-- What a session is in, its field 'i' remembers: by the names of fields the digest of the value and the member; and as
-- 'reach' the moment until which the index names it for sure, which its deadline never passes. A session that moved is found by
-- the key it had, with '>' behind it, which holds the hash of the key that it has.
--
-- Where `here` is false the index is on other servers. It was told what is new before; what it is to forget is answered.
-- Keys are made from others, and not declared: in a cluster those of one session share its slot.
--
-- Moments are milliseconds in decimal: exact as numbers below 2^53, and kept as they came.

local NEVER, LAST = '18446744073709551615', '9007199254740991'
local left = {}

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

local function sibling(key, rest)
  return string.match(key, '^([^{]*):') .. rest
end

local function hash_of(key)
  local tag, rest = string.match(key, '{(.*)}(.*)$')
  return tag .. rest
end

-- Where a session that had the key of this hash when it came to the index is looked for next.
local function forwarder(key, hash)
  return sibling(key, ':{' .. string.sub(hash, 1, 2) .. '}' .. string.sub(hash, 3) .. '>')
end

-- Puts a member into a set, or keeps it there for longer. One without a time gets the present.
local function enter(set, member, reach)
  local time = redis.call('TIME')
  if #member == 43 then
    member = member .. time[1] .. string.format('%06d', time[2])
  end
  redis.call('ZREMRANGEBYSCORE', set, '-inf', time[1] .. '000')
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

local function leave(key, digest, member)
  if here then
    redis.call('ZREM', sibling(key, ':i:' .. digest), member)
  else
    left[#left + 1] = digest
    left[#left + 1] = member
  end
end

-- What the client says of a value that a field is to be found by: its digest, and if it knows already how far the index
-- reaches and the member there.
local function read_join(text)
  local digest, reach, member = string.match(text, '^(%S+) ?(%S*) ?(%S*)$')
  return { digest = digest, reach = reach ~= '' and reach, member = member ~= '' and member }
end

-- The moment until which the index names a session with what it holds and what it is to hold.
local function reached(held, joins)
  local reach = held and held.reach
  for _, join in pairs(joins) do
    if join.reach and (not reach or less(join.reach, reach)) then
      reach = join.reach
    end
  end
  return reach
end

-- The moment until which a session is put into the index: the end of its lifetime, or a few idle timeouts.
local function furthest(idle, lifetime, now)
  if lifetime ~= NEVER or idle == NEVER then
    return lifetime
  end
  local ahead = string.format('%.0f', math.min(5 * tonumber(idle) - 4 * now, tonumber(LAST)))
  return less(ahead, idle) and idle or ahead
end

-- Answers that the index must reach further before anything is written, and which members there.
local function unreached(index, reach, held)
  local answer = { -4, index or '', reach }
  for _, entry in pairs(held and held.entries or {}) do
    answer[#answer + 1] = entry.digest
    answer[#answer + 1] = entry.member
  end
  return answer
end

-- Brings the index in step with the session at `key`: it leaves what its fields in `dropped` held and joins the others.
local function reindex(key, held, joins, dropped, reach)
  local entries, hash, forwarders = {}, hash_of(key), {}
  for name, entry in pairs(held and held.entries or {}) do
    local join, origin = joins[name], string.sub(entry.member, 1, 43)
    if join and join.digest == entry.digest then
      -- It keeps the place that it has.
      if join.member then
        leave(key, join.digest, join.member)
      end
      joins[name], join = nil, nil
    elseif join or dropped[name] then
      leave(key, entry.digest, entry.member)
      entry = nil
    end
    entries[name] = entry
    if entry and here and less(held.reach, reach) then
      enter(sibling(key, ':i:' .. entry.digest), entry.member, reach)
    end
    forwarders[origin] = forwarders[origin] or entry ~= nil
  end
  forwarders[hash] = nil
  for origin, is_needed in pairs(forwarders) do
    if not is_needed then
      redis.call('UNLINK', forwarder(key, origin))
    elseif reach == NEVER then
      redis.call('SET', forwarder(key, origin), hash)
    else
      redis.call('SET', forwarder(key, origin), hash, 'PXAT', earlier(reach, LAST))
    end
  end
  for name, join in pairs(joins) do
    local member = join.member or enter(sibling(key, ':i:' .. join.digest), hash, reach)
    entries[name] = { digest = join.digest, member = member }
  end
  if next(entries) then
    redis.call('HSET', key, 'i', cmsgpack.pack({ reach = reach, entries = entries }))
  elseif held then
    redis.call('HDEL', key, 'i')
  end
end

-- Answers that it is done, and what the index elsewhere is to forget.
local function done()
  return #left == 0 and 1 or { 1, unpack(left) }
end

