-- What there is to do for patches that do more than `set.lua` does, which says what the arguments are.
--
-- A command costs as much as all else here, so all that is set is set by one.

local LEAST, GREATEST = '-9223372036854775808', '9223372036854775807'

if fresh and redis.call('EXISTS', fresh) == 1 then
  return -1
end

local function put(name, value)
  ARGV[last + 1], ARGV[last + 2], last = name, value, last + 2
end

-- First it is found out what is to be set, which takes the place of the changes that are read already, and what dropped.
local at, count, dropped, large = last + 1, #ARGV, {}, {}
local touch, deadlines, limits, kept
local place = indexed and place_of(indexed)
while at <= count do
  local letter, name = ARGV[at], ARGV[at + 1]
  if letter == 't' then
    touch = name
    at = at + 2
  elseif letter == 'l' then
    deadlines, limits = name, ARGV[at + 2]
    at = at + 3
  elseif letter == 'k' then
    kept = {}
    for index = at + 2, at + 1 + name do
      kept[ARGV[index]] = true
    end
    at = at + 2 + name
  elseif letter == 'r' then
    dropped[#dropped + 1] = name
    at = at + 2
  elseif letter == 'i' then
    place = place or place_of()
    place.join(name, ARGV[at + 2])
    at = at + 3
  elseif letter == 'e' then
    if place then
      place.extend(name, ARGV[at + 2])
    end
    at = at + 3
  elseif letter == 'a' then
    local by, least, greatest = ARGV[at + 2], ARGV[at + 3], ARGV[at + 4]
    local value = (not kept or kept[name]) and redis.call('HGET', key, name)
    -- A counter is a byte 3 and its decimal; what is not a counter counts as zero.
    local number = value and string.match(value, '^\3([+-]?%d+)$') or '0'
    if #number < 16 and #by < 16 then
      local sum = math.min(math.max(number + by, tonumber(least)), tonumber(greatest))
      put(name, '\3' .. string.format('%.0f', sum))
    else
      large[#large + 1] = { name, number, by, least, greatest }
    end
    at = at + 5
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

if deadlines then
  idle, lifetime = string.match(deadlines, '^(%d+) (%d+)$')
  put('l', limits)
end
local moves = deadlines
if touch and tonumber(touch) > tonumber(idle) then
  idle, moves = touch, true
end
local expires = earlier(idle, lifetime)
if place then
  local answer = place.admit(key) or place.secure(expires, place.furthest(idle, lifetime, now))
  if answer then
    return answer
  end
end

if moves then
  put('d', idle .. ' ' .. lifetime)
end

-- From here on nothing fails but the first command, which a full server refuses. `unpack` takes a few thousand values.
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
for _, addition in ipairs(large) do
  local name, number, by, least, greatest = unpack(addition)
  local sign, digits = string.match(number, '^([+-]?)0*(%d+)$')
  number = (sign == '-' and digits ~= '0' and '-' or '') .. digits
  if less(number, LEAST) or less(GREATEST, number) then
    number = '0'
  end
  redis.call('HSET', key, 'n', number)
  local sum = redis.pcall('HINCRBY', key, 'n', by)
  if type(sum) == 'table' then
    sum = less(by, '0') and LEAST or GREATEST
  else
    sum = redis.call('HGET', key, 'n')
  end
  sum = less(sum, least) and least or less(greatest, sum) and greatest or sum
  redis.call('HDEL', key, 'n')
  redis.call('HSET', key, name, '\3' .. sum)
  put(name, '')
end
if kept then
  for index = 3, last, 2 do
    kept[ARGV[index]] = true
  end
  for _, name in ipairs(redis.call('HKEYS', key)) do
    if string.sub(name, 1, 2) == 'f:' and not kept[name] then
      dropped[#dropped + 1] = name
    end
  end
end
for from = 1, #dropped, 1000 do
  redis.call('HDEL', key, unpack(dropped, from, math.min(from + 999, #dropped)))
end
if fresh then
  redis.call('RENAME', key, fresh)
  key = fresh
end
if not place then
  return 1
end
for index = 3, last, 2 do
  place.drop(ARGV[index])
end
for _, name in ipairs(dropped) do
  place.drop(name)
end
if fresh or place.is_changed() then
  place.keep(key)
end
return place.done()
