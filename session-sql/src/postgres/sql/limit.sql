-- The sessions that hold a value, and this one, locked in the order of their ids; and how many are to make room.
--
-- $1 key, $2 now, $11 digest of the value, $12 the field, $13 maximum, $14 whether a session beyond it is refused
locked as (
    select s.id, s.key, s.handle_id, s.deadline, s.fields, s.indexed from {session} s
    where s.id in (
        select id from {session} where key = $1 union all select session_id from {value} where digest = $11)
    order by s.id for update
), holder as (
    select l.id, l.deadline > $2 as is_live, v.taken
    from locked l join {value} v on v.session_id = l.id and v.digest = $11
    where l.key <> $1 and l.indexed @> $12::jsonb
), room as (
    select not is_holder and $14 and live >= $13 as is_refused,
        case when is_holder then 0 else live + 1 - $13 end as excess
    from (select count(*) filter (where is_live) as live from holder) h,
        (select exists (select from locked where key = $1 and indexed @> $12::jsonb) as is_holder) l
),
