-- Replaces a sealed session, if it is still what was read. Returns a row: whether it was replaced, whether a limit refuses
-- the write, and the handle ids of evicted sessions.
--
-- $1 key, $2 now, $3 to $9 metadata, $11 to $14 limit, $15 the sealed session, $16 indexed fields, $17 digests of
-- these, $18 names of those with a new value, $19 the sealed session as it was read, $20 new key
with {room}written as (
    update {session} s set
        key = coalesce($20, s.key),
        handle_id = $3,
        created_at = $4,
        authenticated_at = $5,
        idle_timeout = $6,
        idle_deadline = $7,
        lifetime_deadline = $8,
        remember = $9,
        fields = $15::jsonb,
        indexed = $16::jsonb
    from room where s.key = $1 and s.deadline > $2 and s.fields = $19::jsonb and not is_refused
    returning s.id
), entered as (
    insert into {value} (session_id, name, digest)
    select w.id, i.key, decode(i.value, 'hex') from written w, jsonb_each_text($17::jsonb) i
    where i.key = any($18)
    on conflict (session_id, name) do update set digest = excluded.digest, taken = default
), resealed as (
    -- What an older key computed. The value keeps its position among the sessions that hold it.
    update {value} v set digest = decode(i.value, 'hex') from written w, jsonb_each_text($17::jsonb) i
    where v.session_id = w.id and v.name = i.key and not i.key = any($18) and v.digest <> decode(i.value, 'hex')
), removed as (
    delete from {value} v using written w where v.session_id = w.id and not $16::jsonb ? v.name
){evicted}
select exists (table written) as is_written, {is_refused} as is_refused, {evicted_ids} as evicted from room
