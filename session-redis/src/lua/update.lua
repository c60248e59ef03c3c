-- Applies a patch to a live session. Second of two parts: `update_plain.lua` documents the arguments.
--
-- All fields are set by one command, since a command costs as much time as everything else here.

if fresh and redis.call('EXISTS', fresh) == 1 then
  return KEY_TAKEN
end

if stored and not decode_memberships(stored) then
  return NOT_A_SESSION
end

local function put(name, value)
  ARGV[last + 1], ARGV[last + 2], last = name, value, last + 2
end

-- Reads the changes first. Fields to set are written over the arguments that were read already.
local at, count, dropped = last + 1, #ARGV, {}
local touch, new_deadlines, limits, kept, mark
local membership = stored and membership_of(stored)

-- Whether a field with this value survives `k`.
local function stays(name, value)
  return not kept or kept[name] or value ~= '' and bit.band(string.byte(value), mark) ~= 0
end

while at <= count do
  local letter, name = ARGV[at], ARGV[at + 1]
  if letter == 't' then
    touch = name
    at = at + 2
  elseif letter == 'l' then
    new_deadlines, limits = name, ARGV[at + 2]
    at = at + 3
  elseif letter == 'k' then
    kept, mark = {}, tonumber(name)
    for index = at + 3, at + 2 + ARGV[at + 2] do
      kept[ARGV[index]] = true
    end
    at = at + 3 + ARGV[at + 2]
  elseif letter == 'r' then
    dropped[#dropped + 1] = name
    at = at + 2
  elseif letter == 'i' then
    membership = membership or membership_of()
    membership.add(name, ARGV[at + 2])
    at = at + 3
  elseif letter == 'e' then
    if membership then
      membership.confirm_reach(name, ARGV[at + 2])
    end
    at = at + 3
  elseif letter == 'a' then
    local by, min, max, tag = ARGV[at + 2], ARGV[at + 3], ARGV[at + 4], ARGV[at + 5]
    local value = redis.call('HGET', key, name)
    local number = sum(counter(value and stays(name, value) and value), by)
    number = less(number, min) and min or number
    put(name, tag .. (less(max, number) and max or number))
    at = at + 6
  elseif letter == 'c' then
    if redis.call('HGET', key, name) == ARGV[at + 2] then
      dropped[#dropped + 1] = name
    end
    at = at + 3
  else
    local value, new = redis.call('HGET', key, name), ARGV[at + 2]
    if (value and '=' .. value or '') ~= ARGV[at + 3] then
      return name
    elseif new ~= '' then
      put(name, string.sub(new, 2))
    else
      dropped[#dropped + 1] = name
    end
    at = at + 4
  end
end
if kept then
  for index = 3, last, 2 do
    kept[ARGV[index]] = true
  end
  local fields = redis.call('HGETALL', key)
  for index = 1, #fields, 2 do
    if string.sub(fields[index], 1, 2) == 'f:' and not stays(fields[index], fields[index + 1]) then
      dropped[#dropped + 1] = fields[index]
    end
  end
end

local before, moves = earlier(idle, lifetime), new_deadlines
if new_deadlines then
  idle, lifetime = string.match(new_deadlines, '^(%d+) (%d+)$')
  put('l', limits)
end
if touch and less(idle, touch) then
  idle, moves = touch, true
end
local expires = earlier(idle, lifetime)
if less(expires, before) and less(ARGV[1], expires) and has_passed(expires) then
  return DEADLINE_PASSED
end
if moves then
  put('d', idle .. ' ' .. lifetime)
end

local commands, refusal = {}, nil
if moves then
  commands[1] = expires == NEVER and { 'PERSIST', key } or { 'PEXPIREAT', key, '0' }
end
if dropped[1] then
  commands[#commands + 1] = { 'HDEL', key, '' }
end
if fresh then
  commands[#commands + 1] = { 'RENAME', key, fresh }
end
if membership then
  for index = 3, last, 2 do
    membership.drop(ARGV[index])
  end
  for _, name in ipairs(dropped) do
    membership.drop(name)
  end
  refusal = membership.ensure_reach(expires, max_reach(idle, lifetime, now))
  if fresh or membership.is_changed() then
    add_membership_commands(commands, key)
  end
end
refusal = refusal or permission_error(commands) or membership and check_limit(membership, key)
if refusal then
  return with_ended(refusal)
end

-- From here on only the first command can fail, when the server is out of memory. `unpack` takes a few thousand values.
for from = 3, last, 1000 do
  redis.call('HSET', key, unpack(ARGV, from, math.min(from + 999, last)))
end
if moves then
  if expires == NEVER then
    redis.call('PERSIST', key)
  else
    redis.call('PEXPIREAT', key, earlier(expires, LAST))
  end
end
for from = 1, #dropped, 1000 do
  redis.call('HDEL', key, unpack(dropped, from, math.min(from + 999, #dropped)))
end
if fresh then
  redis.call('RENAME', key, fresh)
  key = fresh
end
if not membership then
  return DONE
end
if fresh or membership.is_changed() then
  membership.write(key)
end
return with_ended(membership.reply())
