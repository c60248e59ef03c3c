-- Applies any patch. The row of the session is locked first, so that all that follows is computed from its last state.
-- Returns a row: whether there is a live session, the field that failed a comparison, whether a limit refuses the
-- write, and the handle ids of evicted sessions.
--
-- $1 key, $2 now, $3 to $10 metadata, $11 to $14 limit, $15 names of changed fields, $16 new values, $17 new indexed
-- values, $18 expected values of compared fields, $19 those of fields to remove, $20 additions to counters, $21 names of
-- fields to keep or null to keep all, $22 whether marked ones are kept too, $23 digests of indexed values, $24 new key
with {old}kept as materialized (
    select id, indexed as indexed_before,
        case when $18 <> '{}' then (
            select c.key from jsonb_each_text($18::jsonb) c
            where coalesce(fields ->> c.key, indexed ->> c.key) is distinct from c.value limit 1) end as conflict,
        -- The first six bits of a value are its first character: from `g` on the highest bit is set.
        case when $21::text[] is null then fields else (
            select coalesce(jsonb_object_agg(f.key, f.value), '{}') from jsonb_each_text(fields) f
            where f.key = any($21) or $22 and f.value ~ '^[g-z0-9+/]') end as fields,
        case when $21::text[] is null then indexed else (
            select coalesce(jsonb_object_agg(f.key, f.value), '{}') from jsonb_each_text(indexed) f
            where f.key = any($21) or $22 and f.value ~ '^[g-z0-9+/]') end as indexed
    from old
), changed as materialized (
    select *,
        case when $19 = '{}' then $15::text[] else $15::text[] || array(
            select r.key from jsonb_each_text($19::jsonb) r
            where coalesce(fields ->> r.key, indexed ->> r.key) = r.value) end as removed,
        case when $20 = '{}' then '{}' else {added} end as added
    from kept
), patched as materialized (
    select id, conflict, indexed_before, {is_refused} as is_refused,
        fields - removed || $16::jsonb || added as fields,
        indexed - removed || $17::jsonb as indexed
    from changed
), written as (
    update {session} s set
        key = coalesce($24, s.key),
        fields = p.fields,
        indexed = p.indexed,
{meta}
    from patched p where s.id = p.id and conflict is null and not is_refused
    returning s.id, s.indexed, p.indexed_before
), entered as (
    insert into {value} (session_id, name, digest)
    select w.id, i.key, decode(i.value, 'hex') from written w, jsonb_each_text($23::jsonb) i
    where w.indexed_before ->> i.key is distinct from w.indexed ->> i.key
    on conflict (session_id, name) do update set digest = excluded.digest, taken = default
), removed as (
    delete from {value} v using written w
    where w.indexed_before <> '{}' and v.session_id = w.id and w.indexed_before ? v.name and not w.indexed ? v.name
){evicted}
select p.id is not null as is_live, p.conflict, coalesce(p.is_refused, false) as is_refused, {evicted_ids} as evicted
from (select) one left join patched p on true
