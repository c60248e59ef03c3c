-- Does what `set.sql` does to several sessions, but for those that another write has locked: nobody waits for a session of
-- somebody else, and statements that lock the same sessions in another order do not block each other. Returns the keys of
-- the sessions that it wrote.
--
-- With the parameters as such, each number of sessions would be planned anew.
--
-- $1 keys, $2 now, $3 names of changed fields with quotes between them, $4 new values, $5 idle deadlines or nulls,
-- $6 additions to counters: an array of each with an element for each session
with locked as materialized (
    select s.id, u.names, u.new, u.idle_deadline, u.additions
    from unnest(
        (select $1)::bytea[], (select $2)::bigint[], (select $3)::text[],
        (select $4)::text[], (select $5)::bigint[], (select $6)::text[]
    ) u (key, now, names, new, idle_deadline, additions)
    join {session} s on s.key = u.key and s.deadline > u.now
    for no key update of s skip locked
)
update {session} s set
    fields = s.fields - string_to_array(names, '"') || new::jsonb
        || case when additions = '{}' then '{}' else {added} end,
    indexed = s.indexed - string_to_array(names, '"'){touched}
from locked
where s.id = locked.id
returning s.key
