-- Ends the session that a member of an index elsewhere names, or keeps it from being written.
--
-- KEYS: where the session was when it came to the index.
-- ARGV: the digest of the value; the member.
-- Returns 1, and pairs of a digest and a member that the index is to forget.

local key, digest, member = KEYS[1], ARGV[1], ARGV[2]

local session = holder(key, member)
if session then
  local place = place_of(session.indexed)
  place.finish(session.key)
  return place.done()
end
bar(key, member)
return { 1, digest, member }
