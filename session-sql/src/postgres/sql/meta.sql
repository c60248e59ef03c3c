    handle_id = coalesce($3, s.handle_id),
    created_at = coalesce($4, s.created_at),
    authenticated_at = case when $5 is null and $3 is null then s.authenticated_at else $5 end,
    idle_timeout = coalesce($6, s.idle_timeout),
    idle_deadline = greatest(coalesce($7, s.idle_deadline), $10),
    lifetime_deadline = coalesce($8, s.lifetime_deadline),
    remember = coalesce($9, s.remember)
