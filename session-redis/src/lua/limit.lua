-- Session limits: how many sessions may hold a value, enforced by the script that writes the session.
--
-- Where the index is on other servers the client enforces them instead.

-- How many sessions a script evicts at most, and how many members it checks for lost sessions before it refuses a new
-- one.
local EVICT_BATCH, CHECKED_MEMBERS = 100, 8

-- The first `count` members by the time when they were added.
local function oldest(members, count)
  local chosen = {}
  for _, member in ipairs(members) do
    local added_at = string.sub(member, 44)
    if #chosen < count or added_at < chosen[#chosen].added_at then
      local at = #chosen + 1
      while at > 1 and added_at < chosen[at - 1].added_at do
        at = at - 1
      end
      table.insert(chosen, at, { member = member, added_at = added_at })
      chosen[count + 1] = nil
    end
  end
  return chosen
end

-- Destroys the session that a member of the set of this digest names, and removes the member. Notes a live session.
local function evict(key, digest, member, is_live)
  local session, stored = find_session(key, member)
  if session then
    if is_live then
      note_end(session)
    end
    membership_of(stored).destroy(session)
  end
  remove_member(set_key(key, digest), member)
end

-- Makes room for one more session with the value of `entry`. Destroys sessions that have expired for the client; then
-- the oldest ones if the limit evicts them, else removes members whose session was lost. Returns nil, LIMIT_REACHED or
-- MORE_TO_EVICT.
local function make_room(key, entry)
  local excess, digests, sets = 1 - entry.max, {}, {}
  for digest in string.gmatch(entry.digests, '[^,]+') do
    local set = set_key(key, digest)
    prune(set)
    excess = excess + redis.call('ZCARD', set)
    sets[#sets + 1], digests[#digests + 1] = set, digest
  end
  if excess <= 0 then
    return nil
  end
  -- Destroyed and not only ignored: by another clock they may be alive.
  for index, set in ipairs(sets) do
    local expired = redis.call('ZRANGE', set, '-inf', entry.now, 'BYSCORE', 'LIMIT', 0, EVICT_BATCH)
    for _, member in ipairs(expired) do
      evict(key, digests[index], member)
    end
    excess = excess - #expired
    if #expired == EVICT_BATCH then
      return MORE_TO_EVICT
    end
  end
  if excess <= 0 then
    return nil
  end
  local members, digest_of = {}, {}
  for index, set in ipairs(sets) do
    local range = { set, '-inf', '+inf', 'BYSCORE' }
    if not entry.evicts_oldest then
      range[5], range[6], range[7] = 'LIMIT', 0, CHECKED_MEMBERS
    end
    for _, member in ipairs(redis.call('ZRANGE', unpack(range))) do
      members[#members + 1], digest_of[member] = member, digests[index]
    end
  end
  if entry.evicts_oldest then
    for _, old in ipairs(oldest(members, math.min(excess, EVICT_BATCH))) do
      evict(key, digest_of[old.member], old.member, true)
    end
    return excess > EVICT_BATCH and MORE_TO_EVICT or nil
  end
  for _, member in ipairs(members) do
    if excess > 0 and not find_session(key, member) then
      evict(key, digest_of[member], member)
      excess = excess - 1
    end
  end
  return excess > 0 and LIMIT_REACHED or nil
end

-- Enforces the limit of a value that is added, unless the session holds the value already. Returns nil, or the code to
-- return without writing.
local function check_limit(membership, key)
  for name, entry in pairs(membership.added) do
    local held = membership.entries[name]
    local is_counted = held and string.find(entry.digests, held.digest, 1, true)
    if entry.max and not is_counted then
      return make_room(key, entry)
    end
  end
  return nil
end

