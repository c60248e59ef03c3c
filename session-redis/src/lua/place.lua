-- What scripts share that write sessions: a session's place in the index.
--
-- Where `here` is false the index is on other servers. It was told before what is new; what it is to forget is
-- answered.

-- How many sessions one script ends at most to make room for another, and at how many it looks whether they are still
-- there before it refuses one.
local BATCH, GLANCE = 100, 8

-- Where the session is that a member names, and its field 'i'. Nil when there is none.
local function holder(near, member)
  local origin = string.sub(member, 1, 43)
  local function at(hash)
    local key = key_of(near, hash)
    local indexed = redis.pcall('HGET', key, 'i')
    if type(indexed) == 'string' and string.find(indexed, member, 1, true) then
      return key, indexed
    end
  end
  local key, indexed = at(origin)
  if not key then
    local moved = redis.pcall('GET', key_of(near, origin) .. '>')
    if type(moved) == 'string' then
      return at(moved)
    end
  end
  return key, indexed
end

-- What a field 'i' says; nil when it says nothing that can be read.
local function unpacked(stored)
  local is_read, held = pcall(cmsgpack.unpack, stored)
  if not is_read or type(held) ~= 'table' or type(held.entries) ~= 'table' then
    return nil
  end
  for _, entry in pairs(held.entries) do
    if type(entry) ~= 'table' or type(entry.digest) ~= 'string' or type(entry.member) ~= 'string' then
      return nil
    end
  end
  return type(held.reach) == 'string' and held or nil
end

-- Those of the members that came first, so many of them.
local function oldest(members, count)
  local chosen = {}
  for _, member in ipairs(members) do
    local arrival = string.sub(member, 44)
    if #chosen < count or arrival < chosen[#chosen].arrival then
      local at = #chosen + 1
      while at > 1 and arrival < chosen[at - 1].arrival do
        at = at - 1
      end
      table.insert(chosen, at, { member = member, arrival = arrival })
      chosen[count + 1] = nil
    end
  end
  return chosen
end

-- The place in the index of a session whose field 'i' is `stored`. Only those have one that are found by something.
local function place_of(stored)
  local held = stored and unpacked(stored) or { entries = {} }
  local before, joins, dropped, left, reach = held.reach, {}, {}, {}, nil
  local place = { entries = held.entries, reach = held.reach }

  -- A field got a value to be found by. The client says its digest; where the index is elsewhere how far it reaches by
  -- now and the member there; and where the value is limited here how many may hold it, which of them make room, and
  -- what other digests it may have.
  function place.join(name, text)
    local function word(of)
      return string.match(text, ' ' .. of .. '=(%S+)')
    end
    local digest, oldest, reject = string.match(text, '^%S+'), word('oldest'), word('reject')
    joins[name] = {
      digest = digest, reach = word('reach'), member = word('member'), most = tonumber(oldest or reject),
      evicts = oldest, digests = digest .. ',' .. (word('also') or ''), now = word('now'),
    }
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

  -- Makes the index reach as far as the session lives: exactly so here, and elsewhere until `wanted` unless it does so
  -- already. Returns what is to be answered when that must be done first.
  function place.secure(deadline, wanted)
    reach = held.reach
    for _, join in pairs(joins) do
      if join.reach and (not reach or less(join.reach, reach)) then
        reach = join.reach
      end
    end
    if here then
      reach = deadline
    elseif not reach or less(reach, deadline) then
      reach = wanted
      return place.missing(wanted)
    end
    return nil
  end

  -- The moment until which an index elsewhere is told that such a session is needed: a few idle timeouts, so that it
  -- need not be told of each touch, or the end of its lifetime.
  function place.furthest(idle, lifetime, now)
    if idle == NEVER then
      return lifetime
    end
    local ahead = string.format('%.0f', math.min(5 * tonumber(idle) - 4 * now, tonumber(LAST)))
    return earlier(less(ahead, idle) and idle or ahead, lifetime)
  end

  -- Answers that the index must have these members, until then.
  function place.missing(moment)
    local answer = { -4, stored or '', moment or held.reach or '0' }
    for _, entry in pairs(held.entries) do
      answer[#answer + 1] = entry.digest
      answer[#answer + 1] = entry.member
    end
    return answer
  end

  local function forget(key, digest, member)
    if here then
      leave(set_of(key, digest), member)
    else
      left[#left + 1] = digest
      left[#left + 1] = member
    end
  end

  -- Where a session that had the key of this hash when it came to the index is looked for next.
  local function forwarder(key, hash)
    return key_of(key, hash) .. '>'
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
          forget(key, join.digest, join.member)
        end
        joins[name] = nil
      elseif join or dropped[name] then
        forget(key, entry.digest, entry.member)
        entry = nil
      end
      entries[name] = entry
      if entry and here and held.reach ~= reach then
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

  -- Ends the session. Nothing but the first command can fail: what stays in the index then names a session that is not
  -- there.
  function place.finish(key)
    redis.call('UNLINK', key)
    for _, entry in pairs(held.entries) do
      forget(key, entry.digest, entry.member)
      redis.pcall('UNLINK', forwarder(key, string.sub(entry.member, 1, 43)))
    end
  end

  -- Ends the session that a member of the index of this digest names, or removes the member when there is none.
  local function evict(key, digest, member)
    local session, indexed = holder(key, member)
    if session then
      place_of(indexed).finish(session)
    end
    leave(set_of(key, digest), member)
    return session
  end

  -- Makes room for one session more that holds a value: ends those that have expired for the client, then those that
  -- came first, or looks whether all of those that the index names are there. Returns nil when there is room, -5 when
  -- there is none, -6 when there are more to end.
  local function make_room(key, join)
    local excess, digests, sets = 1 - join.most, {}, {}
    for digest in string.gmatch(join.digests, '[^,]+') do
      local set = set_of(key, digest)
      prune(set)
      excess = excess + redis.call('ZCARD', set)
      sets[#sets + 1], digests[#digests + 1] = set, digest
    end
    if excess <= 0 then
      return nil
    end
    -- To another clock what has expired for the client may be alive.
    for index, set in ipairs(sets) do
      local expired = redis.call('ZRANGE', set, '-inf', join.now, 'BYSCORE', 'LIMIT', 0, BATCH)
      for _, member in ipairs(expired) do
        evict(key, digests[index], member)
      end
      excess = excess - #expired
      if #expired == BATCH then
        return -6
      end
    end
    if excess <= 0 then
      return nil
    end
    local members, within = {}, {}
    for index, set in ipairs(sets) do
      local range = { set, '-inf', '+inf', 'BYSCORE' }
      if not join.evicts then
        range[5], range[6], range[7] = 'LIMIT', 0, GLANCE
      end
      for _, member in ipairs(redis.call('ZRANGE', unpack(range))) do
        members[#members + 1], within[member] = member, digests[index]
      end
    end
    if join.evicts then
      for _, leaver in ipairs(oldest(members, math.min(excess, BATCH))) do
        evict(key, within[leaver.member], leaver.member)
      end
      return excess > BATCH and -6 or nil
    end
    for _, member in ipairs(members) do
      if excess > 0 and not holder(key, member) then
        evict(key, within[member], member)
        excess = excess - 1
      end
    end
    return excess > 0 and -5 or nil
  end

  -- Sees to it that what is joined may be: nil, or what is to be answered instead of writing. Where the index is elsewhere
  -- the client does.
  function place.admit(key)
    for name, join in pairs(joins) do
      local entry = held.entries[name]
      local is_counted = entry and string.find(join.digests, entry.digest, 1, true)
      if join.most and not is_counted then
        return make_room(key, join)
      end
    end
    return nil
  end

  -- The answer when all is done, 1 unless it is another, with what the index elsewhere is to forget.
  function place.done(answer)
    return #left == 0 and (answer or 1) or { answer or 1, unpack(left) }
  end

  return place
end

-- Adds the commands by which the place of a session is written to those that are asked for.
local function add_index_calls(calls, key)
  local near = key .. '>'
  local more = here and index_calls(set_of(key, '')) or {}
  for _, call in ipairs({ { 'HSET', key, 'i', '' }, { 'HDEL', key, 'i' }, { 'SET', near, '' }, { 'UNLINK', near } }) do
    more[#more + 1] = call
  end
  for _, call in ipairs(more) do
    calls[#calls + 1] = call
  end
end

