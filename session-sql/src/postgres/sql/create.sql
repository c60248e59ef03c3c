-- Creates a session. Returns a row: whether the key was free, whether a limit refuses the session, and the handle ids of
-- evicted sessions.
--
-- $1 key, $2 now, $3 to $9 metadata, $11 to $14 limit, $15 fields, $16 indexed fields, $17 digests of these
with {room}written as (
    insert into {session} (key, handle_id, created_at, authenticated_at, idle_timeout, idle_deadline,
        lifetime_deadline, remember, fields, indexed)
    select $1, $3, $4, $5, $6, $7, $8, $9, $15::jsonb, $16::jsonb from room where not is_refused
    on conflict (key) do nothing
    returning id
), entered as (
    insert into {value} (session_id, name, digest)
    select w.id, i.key, decode(i.value, 'hex') from written w, jsonb_each_text($17::jsonb) i
){evicted}
select exists (table written) as is_created, is_refused, {evicted_ids} as evicted from room
