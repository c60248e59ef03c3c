-- What scripts share that write sessions: a session's place in the index.
--
-- Where `here` is false the index is on other servers. It was told before what is new; what it is to forget is
-- answered.

-- The session that a member names: its key, its field 'i' and the moment at which it ends. Nil when there is none.
local function holder(near, member)
  local origin = string.sub(member, 1, 43)
  local function at(hash)
    local key = key_of(near, hash)
    local found = redis.pcall('HMGET', key, 'd', 'i')
    local idle, lifetime = string.match(found[1] or '', '^(%d+) (%d+)$')
    if idle and found[2] and string.find(found[2], member, 1, true) then
      return { key = key, indexed = found[2], ends = earlier(idle, lifetime), member = member }
    end
  end
  local found = at(origin)
  if not found then
    local moved = redis.call('GET', key_of(near, origin) .. '>')
    found = moved and at(moved)
  end
  return found
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

-- The place in the index of a session whose field 'i' is `stored`. Only those have one that are found by something.
local function place_of(stored)
  local held = stored and unpacked(stored) or { entries = {} }
  local before, joins, joined, dropped, left, reach = held.reach, {}, false, {}, {}, nil
  local place = { entries = held.entries, reach = held.reach }

  -- A field got a value to be found by. The client says its digest, and if it knows already how far the index reaches
  -- and the member there; and where the value is capped how many may hold it, which of them make room, and what other
  -- digests it may have.
  function place.join(name, text)
    local function word(of)
      return string.match(text, ' ' .. of .. '=(%S+)')
    end
    local digest, oldest, reject = string.match(text, '^%S+'), word('oldest'), word('reject')
    local digests = digest .. ',' .. (word('also') or '')
    joined = true
    joins[name] = {
      digest = digest, reach = word('reach'), member = word('member'), digests = digests,
      most = tonumber(oldest or reject), evicts = oldest, now = word('now'), waits = word('waits'),
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
      redis.pcall('ZREM', set_of(key, digest), member)
    else
      left[#left + 1] = digest
      left[#left + 1] = member
      -- Who has told the index something lets others come across what it is to forget.
      if joined then
        bar(key, member)
      end
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

  -- Ends the session, and what it was about to join. Nothing but the first command can fail: what stays in the index
  -- then names a session that is not there.
  function place.finish(key)
    redis.call('UNLINK', key)
    for _, join in pairs(joins) do
      if join.member then
        leave(key, join.digest, join.member)
      end
    end
    for _, entry in pairs(held.entries) do
      leave(key, entry.digest, entry.member)
      redis.pcall('UNLINK', forwarder(key, string.sub(entry.member, 1, 43)))
    end
  end

  -- The live sessions that hold a value, those first that came to it first.
  local function holders(key, join)
    local found = {}
    for digest in string.gmatch(join.digests, '[^,]+') do
      for _, member in ipairs(redis.call('ZRANGE', set_of(key, digest), 0, -1)) do
        local session = holder(key, member)
        if not session then
          redis.call('ZREM', set_of(key, digest), member)
        elseif less(join.now, session.ends) then
          found[#found + 1] = session
        end
      end
    end
    table.sort(found, function(a, b)
      return string.sub(a.member, 44) < string.sub(b.member, 44)
    end)
    return found
  end

  -- Ends those that came first to a value until there is room for one more. Returns whether there is.
  local function make_room(key, join)
    local others = holders(key, join)
    if #others >= join.most and not join.evicts then
      return false
    end
    for index = 1, #others + 1 - join.most do
      place_of(others[index].indexed).finish(others[index].key)
    end
    return true
  end

  -- Sees to it that what is joined may be: nil, or what is to be answered instead of writing. Where the index is elsewhere
  -- the client makes room.
  function place.admit(key)
    for name, join in pairs(joins) do
      if not here and join.member and redis.call('EXISTS', bar_of(key, join.member)) == 1 then
        -- Others came later, and this one makes room for them.
        place.finish(key)
        return place.done()
      end
      local entry = held.entries[name]
      local is_counted = entry and string.find(join.digests, entry.digest, 1, true)
      if join.most and not is_counted then
        if here and not make_room(key, join) or join.waits then
          return -5
        elseif not here and age(join.member) > TAKE then
          return -6
        end
      end
    end
    return nil
  end

  -- The answer when all is done, with what the index elsewhere is to forget.
  function place.done()
    return #left == 0 and 1 or { 1, unpack(left) }
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

