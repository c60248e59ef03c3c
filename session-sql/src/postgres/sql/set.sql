-- Sets and removes fields and adds to counters without a lock beforehand: if it has to wait for another write, the
-- database evaluates it again on what that write left. Returns a row if there is a live session.
--
-- $1 key, $2 now, $3 to $10 metadata, $11 names of changed fields, $12 new values, $13 additions to counters
update {session} s set
    fields = s.fields - $11::text[] || $12::jsonb{added},
    indexed = s.indexed - $11::text[],
{meta}
where key = $1 and deadline > $2
returning 1
