-- What there is to do for patches that do more than `set.lua` does, which says what the arguments are.
--
-- A command costs as much as all else here, so all that is set is set by one.

local LEAST, GREATEST = '-9223372036854775808', '9223372036854775807'
-- Digits of a decimal that are exact as a number, with one more for a carry.
local DIGITS, LIMB = 15, 1e15

if fresh and redis.call('EXISTS', fresh) == 1 then
  return -1
end

if indexed and not unpacked(indexed) then
  return -2
end

-- The number that a counter holds, as a decimal that `less` compares: a byte, 3 or 131 where it is kept, and up to 64
-- bits. What is not a counter counts as zero.
local function counter(value)
  local sign, digits = string.match(value or '', '^[\3\131]([+-]?)0*(%d+)$')
  local number = digits and (sign == '-' and digits ~= '0' and '-' or '') .. digits
  if not number or #number > 18 and (less(number, LEAST) or less(GREATEST, number)) then
    return '0'
  end
  return number
end

-- A decimal as two numbers of one sign: what is above the last digits, and these.
local function limbs(decimal)
  local sign, digits = string.match(decimal, '^(-?)(%d+)$')
  local factor = sign == '-' and -1 or 1
  return factor * (tonumber(string.sub(digits, 1, -DIGITS - 1)) or 0), factor * tonumber(string.sub(digits, -DIGITS))
end

-- The exact sum of two decimals of up to 64 bits.
local function sum(a, b)
  if #a <= DIGITS and #b <= DIGITS then
    return string.format('%.0f', a + b)
  end
  local high, low = limbs(a)
  local high_b, low_b = limbs(b)
  high, low = high + high_b, low + low_b
  local carry = low < 0 and math.ceil(low / LIMB) or math.floor(low / LIMB)
  high, low = high + carry, low - carry * LIMB
  if high > 0 and low < 0 then
    high, low = high - 1, low + LIMB
  elseif high < 0 and low > 0 then
    high, low = high + 1, low - LIMB
  end
  if high == 0 then
    return string.format('%.0f', low)
  end
  return string.format('%.0f%015.0f', high, math.abs(low))
end

local function put(name, value)
  ARGV[last + 1], ARGV[last + 2], last = name, value, last + 2
end

-- First it is found out what is to be set, which takes the place of the changes that are read already, and what dropped.
local at, count, dropped = last + 1, #ARGV, {}
local touch, deadlines, limits, kept, mark
local place = indexed and place_of(indexed)

-- Whether a field that holds this value outlives the others.
local function stays(name, value)
  return not kept or kept[name] or value ~= '' and bit.band(string.byte(value), mark) ~= 0
end

while at <= count do
  local letter, name = ARGV[at], ARGV[at + 1]
  if letter == 't' then
    touch = name
    at = at + 2
  elseif letter == 'l' then
    deadlines, limits = name, ARGV[at + 2]
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
    place = place or place_of()
    place.join(name, ARGV[at + 2])
    at = at + 3
  elseif letter == 'e' then
    if place then
      place.extend(name, ARGV[at + 2])
    end
    at = at + 3
  elseif letter == 'a' then
    local by, least, greatest, tag = ARGV[at + 2], ARGV[at + 3], ARGV[at + 4], ARGV[at + 5]
    local value = redis.call('HGET', key, name)
    local number = sum(counter(value and stays(name, value) and value), by)
    number = less(number, least) and least or number
    put(name, tag .. (less(greatest, number) and greatest or number))
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

local before, moves = earlier(idle, lifetime), deadlines
if deadlines then
  idle, lifetime = string.match(deadlines, '^(%d+) (%d+)$')
  put('l', limits)
end
if touch and less(idle, touch) then
  idle, moves = touch, true
end
local expires = earlier(idle, lifetime)
if less(expires, before) and less(ARGV[1], expires) and has_passed(expires) then
  return -7
end
if moves then
  put('d', idle .. ' ' .. lifetime)
end

local calls, answer = {}, nil
if moves then
  calls[1] = expires == NEVER and { 'PERSIST', key } or { 'PEXPIREAT', key, '0' }
end
if dropped[1] then
  calls[#calls + 1] = { 'HDEL', key, '' }
end
if fresh then
  calls[#calls + 1] = { 'RENAME', key, fresh }
end
if place then
  for index = 3, last, 2 do
    place.drop(ARGV[index])
  end
  for _, name in ipairs(dropped) do
    place.drop(name)
  end
  answer = place.secure(expires, place.furthest(idle, lifetime, now))
  if fresh or place.is_changed() then
    add_index_calls(calls, key)
  end
end
answer = answer or forbidden(calls) or place and place.admit(key)
if answer then
  return answer
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
if fresh or place.is_changed() then
  place.keep(key)
end
return place.done()
