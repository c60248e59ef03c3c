-- Sets and removes fields and adds to counters without a lock beforehand: if it has to wait for another write, the
-- database evaluates it again on what that write left. Returns a row if there is a live session.
--
-- $1 key, $2 now, $3 names of changed fields, $4 new values, $5 idle deadline or null, $6 additions to counters
update {session} s set
    fields = s.fields - $3::text[] || $4::jsonb{added},
    indexed = s.indexed - $3::text[]{touched}
where key = $1 and deadline > $2
returning 1
