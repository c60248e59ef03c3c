-- Counters: exact arithmetic on decimals of up to 64 bits, which a number of Lua does not hold.

local LEAST, GREATEST = '-9223372036854775808', '9223372036854775807'
-- Number of decimal digits that a double adds exactly, and the number that has one more.
local DIGITS, LIMB = 15, 1e15

-- The decimal in the value of a counter: a tag, 3 or 131 if the field is kept, and an integer of up to 64 bits. Any
-- other value counts as zero.
local function counter(value)
  local sign, digits = string.match(value or '', '^[\3\131]([+-]?)0*(%d+)$')
  local number = digits and (sign == '-' and digits ~= '0' and '-' or '') .. digits
  if not number or #number > 18 and (less(number, LEAST) or less(GREATEST, number)) then
    return '0'
  end
  return number
end

-- Splits a decimal into two numbers of its sign: the digits before the last DIGITS, and those.
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

