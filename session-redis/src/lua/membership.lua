-- Index memberships of a session: the sets that name it, and how a write changes them.
--
-- Where `index_is_local` is false the sets are on other servers. The client has added the members there before it runs
-- the script, and removes those that the script returns as stale.

-- The key of the redirect from a session's first key, whose hash this is, to its current one.
local function redirect_key(key, hash)
  return session_key(key, hash) .. '>'
end

-- The key of the session that a member names, and its field 'i'; nil if there is none.
local function find_session(key, member)
  local origin = string.sub(member, 1, 43)
  local function at(hash)
    local found = session_key(key, hash)
    local stored = redis.pcall('HGET', found, 'i')
    if type(stored) == 'string' and string.find(stored, member, 1, true) then
      return found, stored
    end
  end
  local found, stored = at(origin)
  if not found then
    local redirect = redis.pcall('GET', redirect_key(key, origin))
    if type(redirect) == 'string' then
      return at(redirect)
    end
  end
  return found, stored
end

-- Keys and fields 'm' in turn of the live sessions that the script ended.
local ended = {}

-- Notes a session that is about to be destroyed.
local function note_end(key)
  local identity = redis.call('HGET', key, 'm')
  if identity then
    ended[#ended + 1], ended[#ended + 2] = key, identity
  end
end

-- Adds the sessions that were noted to the reply of a script.
local function with_ended(reply)
  return #ended == 0 and reply or { ENDED, reply, unpack(ended) }
end

-- Decodes a field 'i'; nil if that is not possible.
local function decode_memberships(stored)
  local is_decoded, held = pcall(cmsgpack.unpack, stored)
  if not is_decoded or type(held) ~= 'table' or type(held.entries) ~= 'table' then
    return nil
  end
  for _, entry in pairs(held.entries) do
    if type(entry) ~= 'table' or type(entry.digest) ~= 'string' or type(entry.member) ~= 'string' then
      return nil
    end
  end
  return type(held.reach) == 'string' and held or nil
end

-- The latest reach that a set elsewhere gets for a session with these deadlines: a few idle timeouts ahead, so that not
-- each touch needs an update, or the end of its lifetime.
local function max_reach(idle, lifetime, now)
  if idle == NEVER then
    return lifetime
  end
  local ahead = string.format('%.0f', math.min(5 * tonumber(idle) - 4 * now, tonumber(LAST)))
  return earlier(less(ahead, idle) and idle or ahead, lifetime)
end

-- The memberships of a session whose field 'i' is `stored`, which is nil for a session without any.
local function membership_of(stored)
  local held = stored and decode_memberships(stored) or { entries = {} }
  local before, added, dropped, stale, reach = held.reach, {}, {}, {}, nil
  local membership = { entries = held.entries, reach = held.reach, added = added }

  -- A field gets a value that the session is found by. `text` holds its digest, and optional words. Where the set is
  -- elsewhere: 'reach' and 'member', as the set has them. Where the value is limited: 'oldest' or 'reject', how many
  -- sessions may hold it, and what happens to one more; 'now'; and 'also', other digests of the value.
  function membership.add(name, text)
    local function word(of)
      return string.match(text, ' ' .. of .. '=(%S+)')
    end
    local digest, oldest, reject = string.match(text, '^%S+'), word('oldest'), word('reject')
    added[name] = {
      digest = digest, reach = word('reach'), member = word('member'), max = tonumber(oldest or reject),
      evicts_oldest = oldest, digests = digest .. ',' .. (word('also') or ''), now = word('now'),
    }
  end

  -- A field loses its value.
  function membership.drop(name)
    dropped[name] = held.entries[name] and true
  end

  function membership.drop_all()
    dropped = held.entries
  end

  -- The client has extended the sets. Valid if the memberships are still those in the reply that requested it.
  function membership.confirm_reach(seen, moment)
    if seen == stored then
      held.reach = moment
    end
  end

  -- Sets the reach to the session's deadline. Where the sets are elsewhere, checks that they reach as far; if not,
  -- returns the reply that asks the client to extend them to `wanted`.
  function membership.ensure_reach(deadline, wanted)
    reach = held.reach
    for _, entry in pairs(added) do
      if entry.reach and (not reach or less(entry.reach, reach)) then
        reach = entry.reach
      end
    end
    if index_is_local then
      reach = deadline
    elseif not reach or less(reach, deadline) then
      reach = wanted
      return membership.reach_reply(wanted)
    end
    return nil
  end

  -- The reply that asks the client to extend the sets to this time, or to the reach that they had.
  function membership.reach_reply(moment)
    local reply = { REACH_TOO_SHORT, stored or '', moment or held.reach or '0' }
    for _, entry in pairs(held.entries) do
      reply[#reply + 1] = entry.digest
      reply[#reply + 1] = entry.member
    end
    return reply
  end

  local function remove(key, digest, member)
    if index_is_local then
      remove_member(set_key(key, digest), member)
    else
      stale[#stale + 1] = digest
      stale[#stale + 1] = member
    end
  end

  -- Writes the memberships of the session, whose current key is `key`.
  function membership.write(key)
    local hash = string.gsub(string.match(key, '{.*$'), '[{}]', '')
    local entries, redirects = {}, {}
    for name, entry in pairs(held.entries) do
      local new, origin = added[name], string.sub(entry.member, 1, 43)
      if new and new.digest == entry.digest then
        -- The value is the same: the session keeps its member.
        if new.member then
          remove(key, new.digest, new.member)
        end
        added[name] = nil
      elseif new or dropped[name] then
        remove(key, entry.digest, entry.member)
        entry = nil
      end
      entries[name] = entry
      if entry and index_is_local and held.reach ~= reach then
        add_member(set_key(key, entry.digest), entry.member, reach)
      end
      redirects[origin] = redirects[origin] or entry ~= nil
    end
    redirects[hash] = nil
    for origin, is_needed in pairs(redirects) do
      if not is_needed then
        redis.call('UNLINK', redirect_key(key, origin))
      elseif reach == NEVER then
        redis.call('SET', redirect_key(key, origin), hash)
      else
        redis.call('SET', redirect_key(key, origin), hash, 'PXAT', earlier(reach, LAST))
      end
    end
    for name, new in pairs(added) do
      local member = new.member or add_member(set_key(key, new.digest), hash, reach)
      entries[name] = { digest = new.digest, member = member }
    end
    if next(entries) then
      redis.call('HSET', key, 'i', cmsgpack.pack({ reach = reach, entries = entries }))
    elseif stored then
      redis.call('HDEL', key, 'i')
    end
  end

  -- Whether there is anything to write for a session that keeps its key.
  function membership.is_changed()
    return next(added) or next(dropped) or reach ~= before
  end

  -- Destroys the session and its memberships. Only the first command can fail. A member that is left is ignored by
  -- lookups, since the session it names is gone.
  function membership.destroy(key)
    redis.call('UNLINK', key)
    for _, entry in pairs(held.entries) do
      remove(key, entry.digest, entry.member)
      redis.pcall('UNLINK', redirect_key(key, string.sub(entry.member, 1, 43)))
    end
  end

  -- The reply of a finished script, DONE unless another code is given, with the stale members of sets elsewhere.
  function membership.reply(code)
    return #stale == 0 and (code or DONE) or { code or DONE, unpack(stale) }
  end

  return membership
end

-- Appends the commands that write memberships, for the permission check.
local function add_membership_commands(commands, key)
  local redirect = key .. '>'
  local more = index_is_local and set_commands(set_key(key, '')) or {}
  for _, command in ipairs({
    { 'HSET', key, 'i', '' }, { 'HDEL', key, 'i' }, { 'SET', redirect, '' }, { 'UNLINK', redirect },
  }) do
    more[#more + 1] = command
  end
  for _, command in ipairs(more) do
    commands[#commands + 1] = command
  end
end

