-- What scripts share that keep a session and its place in the index in step.
--
-- The index of a value is a sorted set. Its members are where a session was when it came to hold the value (the 43
-- characters of its key's hash) and when that was (16 digits, microseconds): they are unique, so one that was taken
-- out is never meant again. Scores are the moments until which members may be needed; the set expires with the last.
-- What a session is in, its field 'i' remembers: by the names of fields the digest of the value and the member; and as
-- 'reach' the moment until which the index names it for sure, which its deadline never passes. A session that moved is
-- found by the key it had, with '>' behind it, which holds the hash of the key that it has.
--
-- Where `here` is false the index is on other servers. It was told before what is new; what it is to forget is
-- answered.
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

-- The set of a value with this digest.
local function set_of(key, digest)
  return string.match(key, '^[^{]*:') .. 'i:' .. digest
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

-- The place in the index of a session whose field 'i' is `stored`. Only those have one that are found by something.
local function place_of(stored)
  local held = stored and cmsgpack.unpack(stored) or { entries = {} }
  local before, joins, dropped, left, reach = held.reach, {}, {}, {}, nil
  local place = { entries = held.entries, reach = held.reach }

  -- A field got a value to be found by. The client says its digest, and if it knows already how far the index reaches
  -- and the member there.
  function place.join(name, text)
    local digest, known, member = string.match(text, '^(%S+) ?(%S*) ?(%S*)$')
    joins[name] = { digest = digest, reach = known ~= '' and known, member = member ~= '' and member }
  end

  -- A field does not hold any more what it held.
  function place.drop(name)
    dropped[name] = held.entries[name] and true
  end

  function place.drop_all()
    dropped = held.entries
  end

  -- The index reaches until this moment by now, if the place is as it was then.
  function place.extend(seen, moment)
    if seen == stored then
      held.reach = moment
    end
  end

  -- Makes the index reach until `wanted`, unless it reaches as far as the session lives. Returns what is to be answered
  -- when that must be done elsewhere first.
  function place.secure(deadline, wanted)
    reach = held.reach
    for _, join in pairs(joins) do
      if join.reach and (not reach or less(join.reach, reach)) then
        reach = join.reach
      end
    end
    if reach and not less(reach, deadline) then
      return nil
    end
    reach = wanted
    return not here and place.missing(wanted)
  end

  -- The moment until which such a session is put into the index: the end of its lifetime, or a few idle timeouts.
  function place.furthest(idle, lifetime, now)
    if lifetime ~= NEVER or idle == NEVER then
      return lifetime
    end
    local ahead = string.format('%.0f', math.min(5 * tonumber(idle) - 4 * now, tonumber(LAST)))
    return less(ahead, idle) and idle or ahead
  end

  -- Answers that the index must have these members, until then.
  function place.missing(moment)
    local answer = { -4, stored or '', moment or held.reach }
    for _, entry in pairs(held.entries) do
      answer[#answer + 1] = entry.digest
      answer[#answer + 1] = entry.member
    end
    return answer
  end

  local function leave(key, digest, member)
    if here then
      redis.call('ZREM', set_of(key, digest), member)
    else
      left[#left + 1] = digest
      left[#left + 1] = member
    end
  end

  -- Where a session that had the key of this hash when it came to the index is looked for next.
  local function forwarder(key, hash)
    return string.match(key, '^[^{]*:') .. '{' .. string.sub(hash, 1, 2) .. '}' .. string.sub(hash, 3) .. '>'
  end

  -- Writes the place of the session that is at `key` now.
  function place.keep(key)
    local hash = string.gsub(string.match(key, '{.*$'), '[{}]', '')
    local entries, forwarders = {}, {}
    for name, entry in pairs(held.entries) do
      local join, origin = joins[name], string.sub(entry.member, 1, 43)
      if join and join.digest == entry.digest then
        -- It stays where it is.
        if join.member then
          leave(key, join.digest, join.member)
        end
        joins[name] = nil
      elseif join or dropped[name] then
        leave(key, entry.digest, entry.member)
        entry = nil
      end
      entries[name] = entry
      if entry and here and less(held.reach, reach) then
        enter(set_of(key, entry.digest), entry.member, reach)
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
      local member = join.member or enter(set_of(key, join.digest), hash, reach)
      entries[name] = { digest = join.digest, member = member }
    end
    if next(entries) then
      redis.call('HSET', key, 'i', cmsgpack.pack({ reach = reach, entries = entries }))
    elseif stored then
      redis.call('HDEL', key, 'i')
    end
  end

  -- Whether the place changes although the session stays where it is.
  function place.is_changed()
    return next(joins) or next(dropped) or reach ~= before
  end

  -- Removes what belongs to a session that ends.
  function place.leave(key)
    place.drop_all()
    place.keep(key)
  end

  -- The answer when all is done, with what the index elsewhere is to forget.
  function place.done()
    return #left == 0 and 1 or { 1, unpack(left) }
  end

  return place
end

