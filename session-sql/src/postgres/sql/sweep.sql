-- Removes some of the expired sessions. One that a request is writing to is left for the next time, so that neither waits
-- for the other.
--
-- $1 now, $2 limit
with chosen as (
    select id from {session} where deadline <= $1 limit $2 for update skip locked
), removed as (
    delete from {session} s using chosen c where s.id = c.id returning 1
)
select count(*) from removed
