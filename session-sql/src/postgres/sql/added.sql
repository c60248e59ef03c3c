(
    -- The sums by name, from additions, minima, maxima and whether a sum is marked as kept. What is no counter counts as
    -- zero: its first byte, an optional sign and the digits are compared as hexadecimal digits.
    select jsonb_object_agg(a.key, encode(tag || convert_to(sum::text, 'UTF8'), 'base64'))
    from jsonb_each({additions}::jsonb) a, lateral (
        select decode(coalesce(fields ->> a.key, indexed ->> a.key, ''), 'base64') as bytes
    ) stored, lateral (
        select case when encode(bytes, 'hex') ~ '^[048c][3b](2b|2d)?(3[0-9]){1,40}$'
            then convert_from(substr(bytes, 2), 'UTF8')::numeric else 0 end as number
    ) parsed, lateral (
        select decode(case when (a.value ->> 3)::boolean then '83' else '03' end, 'hex') as tag,
            greatest(least((a.value ->> 1)::numeric, (a.value ->> 2)::numeric), least((a.value ->> 2)::numeric,
                case when number between -9223372036854775808 and 9223372036854775807 then number else 0 end
                + (a.value ->> 0)::numeric)) as sum
    ) added
)
