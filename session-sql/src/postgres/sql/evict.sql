, evicted as (
    delete from {session} s using room, (
        select id, is_live, row_number() over (partition by is_live order by taken) as position from holder
    ) h
    where s.id = h.id and (not h.is_live or h.position <= room.excess) and exists (table written)
    returning s.handle_id, h.is_live
)
