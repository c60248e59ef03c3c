-- Removes some of the expired names of the revocation list, but for those that are being raised.
--
-- $1 now, $2 limit
with chosen as (
    select name from {revocation} where expires_at <= $1 limit $2 for update skip locked
), removed as (
    delete from {revocation} r using chosen c where r.name = c.name returning 1
)
select count(*) from removed
