-- Raises the floor of a name. If there is a row already, the database evaluates this on its last state, under a lock.
-- Returns the floor before and its time, for a second execution of a call those of the first one; nulls for no floor.
--
-- $1 name, $2 the floor, $3 since when it is there if it is higher, $4 until when it is kept, $5 now, $6 id of the call
insert into {revocation} as r (name, floor, since, expires_at, call_id) values ($1, $2, $3, $4, $6)
on conflict (name) do update set
    floor = case when r.expires_at <= $5 then excluded.floor else greatest(r.floor, excluded.floor) end,
    since = case when r.expires_at <= $5 or r.floor < excluded.floor then excluded.since else r.since end,
    expires_at = greatest(r.expires_at, excluded.expires_at),
    call_id = excluded.call_id,
    previous_floor = case
        when r.call_id = excluded.call_id then r.previous_floor
        when r.expires_at > $5 then r.floor end,
    previous_since = case
        when r.call_id = excluded.call_id then r.previous_since
        when r.expires_at > $5 then r.since end
returning previous_floor, previous_since
