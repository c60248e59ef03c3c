-- Applies a patch to a live session, and renames it to the key of a new token if one is given. First of two parts: it
-- finds the session, and executes patches that only set fields by which no session is found. `update.lua` does the rest.
--
-- KEYS: the session; to renew it, the key of the new token, in the same slot.
-- ARGV: now; how many of the next values are names and values to set, in turn; these; then the other changes, each a
--   letter and its values:
--     t deadline            moves the idle deadline forward to this time
--     l deadlines limits    replaces both deadlines by these, and the field 'l'
--     k mark count name...  removes all fields but these, and those with a bit of the mark in the first byte of their value,
--                           before the other changes
--     r name                removes a field
--     c name old            removes a field that has this value
--     a name by min max tag adds to a counter, the first byte of which becomes this tag
--     x name new old        sets or removes a field that is as expected: '' is absent, '=' and the value is present
--     i name entry          the new value of a field is one that the session is found by: argument of `membership.add`
--     e index reach         if the field 'i' is this, its sets were extended to this reach
-- Returns DONE with stale index members, GONE, KEY_TAKEN, NOT_A_SESSION, LIMIT_REACHED, MORE_TO_EVICT, DEADLINE_PASSED,
--   REACH_TOO_SHORT with what must be extended, or the name of the field that was not as expected; with the sessions that
--   were evicted. The session is written only with DONE.

local key, fresh, now = KEYS[1], KEYS[2], tonumber(ARGV[1])
local last = 2 + ARGV[2]

local deadlines, stored = unpack(redis.call('HMGET', key, 'd', 'i'))
if not deadlines then
  if redis.call('EXISTS', key) == 1 then
    return NOT_A_SESSION
  end
  -- No other call knows the new key. A session there was renewed by this call, whose reply was lost.
  return fresh and redis.call('EXISTS', fresh) == 1 and DONE or GONE
end
local idle, lifetime = string.match(deadlines, '^(%d+) (%d+)$')
if not idle then
  return NOT_A_SESSION
end
if now >= tonumber(idle) or now >= tonumber(lifetime) then
  return GONE
end

-- For speed only: most patches are plain, and the definitions that follow would double the time of the script.
local is_plain = 2 < last and last < 1000 and #ARGV == last and not fresh
for at = 3, last, 2 do
  is_plain = is_plain and not (stored and string.find(stored, ARGV[at], 1, true))
end
if is_plain then
  redis.call('HSET', key, unpack(ARGV, 3))
  return DONE
end

