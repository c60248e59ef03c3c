-- Destroys some of the sessions that hold a value, in the order of their ids. Their rows are locked first, so that one
-- that has lost the value meanwhile is left, and one that was renewed is not.
--
-- $1 digest, $2 the field, $3 a handle id or null for all, $4 whether only that one is meant or all others, $5 now,
-- $6 the id to start after, $7 limit
with chosen as (
    select s.id from {value} v join {session} s on s.id = v.session_id
    where v.digest = $1 and s.indexed @> $2::jsonb and s.id > $6 and ($3 is null or (s.handle_id = $3) = $4)
    order by s.id limit $7 for update of s
), destroyed as (
    delete from {session} s using chosen c where s.id = c.id
    returning s.id, s.handle_id, s.deadline > $5 as is_live
)
select count(*), max(id),
    string_agg(handle_id, ''::bytea) filter (where is_live and octet_length(handle_id) = 16)
from destroyed
