-- Destroys some of the sessions up to an id, in the order of their ids.
--
-- $1 the last id, $2 the id to start after, $3 limit
with chosen as (
    select id from {session} where id > $2 and id <= $1 order by id limit $3 for update
), destroyed as (
    delete from {session} s using chosen c where s.id = c.id returning s.id
)
select count(*), max(id) from destroyed
