-- Applies a patch to a live session, and moves it to a new key when there is one: the part that finds the session, and
-- is all there is to do where fields are set that no index names. What else there is, `write.lua` does.
--
-- KEYS: the session; when it is renewed, the key it moves to, in the same slot.
-- ARGV: now; how many values follow that are names and what they are set to, in turn; these; then the other changes,
--   each a letter and its values:
--     t deadline            move the idle deadline forward to that
--     l deadlines limits    the new idle and lifetime deadlines in one, and the field 'l' that goes with them
--     k mark count name...  drop all fields but these and those with a bit of the mark in the first byte of their value,
--                           before the other changes
--     r name                remove
--     c name old            remove if it is so
--     a name by min max tag add to a counter, which begins with this byte from then on
--     x name new old        set or remove if it is as expected: '' for absent, '=' and the value for present
--     i name join           the new value of a field is one to find the session by
--     e index reach         if the field 'i' is so, the index reaches until this moment by now
-- Returns 1 when done, 0 when there is no live session, -1 when the new key is taken, -2 when what is there is not a
-- session or does not say what it is found by, -4 and more when the index is to reach further first, -5 when as many
-- sessions as may hold a value hold it, -6 when more of them must be ended first, -7 when the new deadline has passed by
-- the server's clock, or the name of the field that was not as expected. Nothing of the session is written but for 1, with
-- which come pairs of a digest and a member that the index is to forget.

local key, fresh, now = KEYS[1], KEYS[2], tonumber(ARGV[1])
local last = 2 + ARGV[2]

local stored, indexed = unpack(redis.call('HMGET', key, 'd', 'i'))
if not stored then
  if redis.call('EXISTS', key) == 1 then
    return -2
  end
  -- Nobody else knows the new key: what is there came there by the same call, whose answer was lost.
  return fresh and redis.call('EXISTS', fresh) or 0
end
local idle, lifetime = string.match(stored, '^(%d+) (%d+)$')
if not idle then
  return -2
end
if now >= tonumber(idle) or now >= tonumber(lifetime) then
  return 0
end

-- Most patches are so, and to set up what follows would take as long again.
local is_plain = 2 < last and last < 1000 and #ARGV == last and not fresh
for at = 3, last, 2 do
  is_plain = is_plain and not (indexed and string.find(indexed, ARGV[at], 1, true))
end
if is_plain then
  redis.call('HSET', key, unpack(ARGV, 3))
  return 1
end

