-- Puts a session into the index of a value that only so many may hold, before it is written elsewhere.
--
-- KEYS: the sorted set.
-- ARGV: where the session will be; the moment until which it may be needed; how many may hold the value; 'oldest' when
--   it comes in in any case, or 'reject'; members that do not count.
-- Returns its member, or '' when it did not come in; the time, in microseconds; and the other members that count, if
--   there are too many with it.

local denied = forbidden(index_calls(KEYS[1]))
if denied then
  return denied
end
local set, most = KEYS[1], tonumber(ARGV[3])
local time = redis.call('TIME')
local now = time[1] .. string.format('%06d', time[2])

prune(set, time[1])
local others = {}
if redis.call('ZCARD', set) >= most then
  local ignored = {}
  for index = 5, #ARGV do
    ignored[ARGV[index]] = true
  end
  for _, member in ipairs(redis.call('ZRANGE', set, 0, -1)) do
    if not ignored[member] then
      others[#others + 1] = member
    end
  end
end

local is_full = #others >= most
local member = ''
if ARGV[4] == 'oldest' or not is_full then
  member = enter(set, ARGV[1], ARGV[2])
end
return { member, now, is_full and others or {} }
