-- Applies a patch to a live session, and moves it to a new key when there is one.
--
-- KEYS: the session; when it is renewed, the key it moves to, in the same slot.
-- ARGV: now; the idle deadline to move forward to, or ''; the new idle and lifetime deadlines in one, and the field
--   'l' that goes with them, or '' and ''; then the changes, each a letter and its values:
--     k count name...       drop all fields but these, before the other changes
--     s name value          set
--     r name                remove
--     c name count old...   remove if it is as one of those
--     a name by min max     add to a counter
--     x name new count old...
--                           set or remove if it is as one of those expected: '' for absent, '=' and the value for present
--     i name join           the new value of a field is one to find the session by
--     e index reach         if the field 'i' is so, the index reaches until this moment by now
-- Returns 1 when done, 0 when there is no live session, -1 when the new key is taken, -2 when what is there is not a
-- session, -4 and more when the index is to reach further first, -5 when others would have to make room first, -6 when
-- the index was told too long ago, or the name of the field that was not as expected. Nothing is written but for 1, with
-- which come pairs of a digest and a member that the index is to forget.

local key, fresh, now = KEYS[1], KEYS[2], tonumber(ARGV[1])
local touch, deadlines, limits = ARGV[2], ARGV[3], ARGV[4]
local LEAST, GREATEST = '-9223372036854775808', '9223372036854775807'

local stored, indexed = unpack(redis.call('HMGET', key, 'd', 'i'))
if not stored then
  return redis.call('EXISTS', key) * -2
end
local idle, lifetime = string.match(stored, '^(%d+) (%d+)$')
if not idle then
  return -2
end
if now >= tonumber(idle) or now >= tonumber(lifetime) then
  return 0
end
if fresh and redis.call('EXISTS', fresh) == 1 then
  return -1
end

-- How many values a letter takes, and which of them counts further ones.
local VALUES = { s = 2, r = 1, c = 2, a = 4, k = 1, x = 3, i = 2, e = 2 }
local COUNTS = { k = 1, c = 2, x = 3 }

-- Calls `visitor` with the letter of each change and where its values are.
local function changes(visitor)
  local at = 5
  while at <= #ARGV do
    local letter = ARGV[at]
    visitor(letter, at + 1)
    local further = COUNTS[letter] and tonumber(ARGV[at + COUNTS[letter]]) or 0
    at = at + 1 + VALUES[letter] + further
  end
end

local conflict
local place = indexed and place_of(indexed)
changes(function(letter, at)
  if letter == 'i' then
    place = place or place_of()
    place.join(ARGV[at], ARGV[at + 1])
  elseif letter == 'e' and place then
    place.extend(ARGV[at], ARGV[at + 1])
  elseif letter == 'x' and not conflict then
    local value = redis.call('HGET', key, ARGV[at])
    value = value and '=' .. value or ''
    conflict = ARGV[at]
    for index = at + 3, at + 2 + tonumber(ARGV[at + 2]) do
      if value == ARGV[index] then
        conflict = nil
      end
    end
  end
end)
if conflict then
  return conflict
end

if deadlines ~= '' then
  idle, lifetime = string.match(deadlines, '^(%d+) (%d+)$')
end
if touch ~= '' and tonumber(touch) > tonumber(idle) then
  idle = touch
end

if place then
  local wanted = place.furthest(idle, lifetime, now)
  local answer = place.admit(key) or place.secure(earlier(idle, lifetime), wanted)
  if answer then
    return answer
  end
end

-- Below this line nothing fails but the first write, which a full server refuses.
if fresh then
  redis.call('RENAME', key, fresh)
  key = fresh
end

local function drop(name)
  if place then
    place.drop(name)
  end
end

local function keep_only(at)
  local kept = {}
  for index = at + 1, at + tonumber(ARGV[at]) do
    kept[ARGV[index]] = true
  end
  for _, name in ipairs(redis.call('HKEYS', key)) do
    if string.sub(name, 1, 2) == 'f:' and not kept[name] then
      redis.call('HDEL', key, name)
      drop(name)
    end
  end
end

-- A counter is a byte 3 and its decimal; what is not a counter counts as zero.
local function counter(value)
  local sign, digits = string.match(value or '', '^\3([+-]?)0*(%d+)$')
  if not digits or digits == '0' then
    return '0'
  end
  local number = (sign == '-' and '-' or '') .. digits
  return (less(number, LEAST) or less(GREATEST, number)) and '0' or number
end

local function add(name, by, least, greatest)
  redis.call('HSET', key, 'n', counter(redis.call('HGET', key, name)))
  local sum = redis.pcall('HINCRBY', key, 'n', by)
  if type(sum) == 'table' and sum.err then
    sum = less(by, '0') and LEAST or GREATEST
  else
    sum = redis.call('HGET', key, 'n')
  end
  redis.call('HDEL', key, 'n')
  if less(sum, least) then
    sum = least
  elseif less(greatest, sum) then
    sum = greatest
  end
  redis.call('HSET', key, name, '\3' .. sum)
end

local function remove_if(name, at)
  local value = redis.call('HGET', key, name)
  for index = at + 1, at + tonumber(ARGV[at]) do
    if value == ARGV[index] then
      redis.call('HDEL', key, name)
      drop(name)
    end
  end
end

changes(function(letter, at)
  local name, value = ARGV[at], ARGV[at + 1]
  if letter == 'k' then
    return keep_only(at)
  elseif letter == 'c' then
    return remove_if(name, at + 1)
  elseif letter == 'i' or letter == 'e' then
    return
  end
  drop(name)
  if letter == 's' then
    redis.call('HSET', key, name, value)
  elseif letter == 'a' then
    add(name, value, ARGV[at + 2], ARGV[at + 3])
  elseif letter == 'r' or value == '' then
    redis.call('HDEL', key, name)
  else
    redis.call('HSET', key, name, string.sub(value, 2))
  end
end)

if deadlines ~= '' then
  redis.call('HSET', key, 'l', limits)
end
if idle .. ' ' .. lifetime ~= stored then
  redis.call('HSET', key, 'd', idle .. ' ' .. lifetime)
  local expires = earlier(idle, lifetime)
  if expires == NEVER then
    redis.call('PERSIST', key)
  else
    redis.call('PEXPIREAT', key, earlier(LAST, expires))
  end
end
if not place then
  return 1
end
if fresh or place.is_changed() then
  place.keep(key)
end
return place.done()
