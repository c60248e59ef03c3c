-- A session. Times are milliseconds since the Unix epoch.
create table if not exists {session} (
    id integer primary key,
    -- SHA-256 of the token.
    key blob not null unique,
    handle_id blob not null,
    created_at integer not null,
    authenticated_at integer,
    idle_deadline integer not null,
    idle_timeout integer not null,
    lifetime_deadline integer not null,
    remember integer not null,
    deadline integer not null generated always as (min(idle_deadline, lifetime_deadline)) stored,
    record blob not null
) strict;

create index if not exists {schema}"{name}_deadline" on "{name}" (deadline);

-- An indexed value of a session. The order of ids is that in which sessions took the value.
create table if not exists {value} (
    id integer primary key,
    session_id integer not null,
    -- SHA-256 of the name and the value of the field.
    digest blob not null,
    unique (session_id, digest)
) strict;

create index if not exists {schema}"{name}_value_digest" on "{name}_value" (digest);

create trigger if not exists {schema}"{name}_end" after delete on "{name}" begin
    delete from "{name}_value" where session_id = old.id;
end;

-- A name of the revocation list for sealed cookies.
create table if not exists {revocation} (
    -- A digest.
    name blob not null primary key,
    -- A big-endian integer.
    floor blob not null,
    since integer not null,
    expires_at integer not null,
    -- The last call that raised the floor, and the floor before it, for a repetition of the call.
    call_id blob not null,
    previous_floor blob,
    previous_since integer
) strict;

create index if not exists {schema}"{name}_revocation_expires_at" on "{name}_revocation" (expires_at);
