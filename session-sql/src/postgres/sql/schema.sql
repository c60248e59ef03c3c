-- One row per session. A field whose value is indexed is in `indexed`, any other one in `fields`: names with `%XX` for
-- all but printable ASCII, values in base64. Times are milliseconds.
create table if not exists {session} (
    id bigint generated always as identity primary key,
    key bytea not null unique,
    handle_id bytea not null,
    created_at bigint not null,
    authenticated_at bigint,
    idle_deadline bigint not null,
    idle_timeout bigint not null,
    lifetime_deadline bigint not null,
    remember boolean not null,
    deadline bigint not null generated always as (least(idle_deadline, lifetime_deadline)) stored,
    fields jsonb not null,
    indexed jsonb not null
) with (fillfactor = 80, toast_tuple_target = 4000);
alter table {session} alter column fields set storage external;
create index if not exists "{name}_deadline" on {session} (deadline);
create index if not exists "{name}_handle_id" on {session} (handle_id);

-- Leads from the digest of an indexed field to the sessions that may hold it, in the order in which they took it.
-- Whether a session still does, its row says.
create table if not exists {value} (
    session_id bigint not null references {session} (id) on delete cascade,
    name text collate "C" not null,
    digest bytea not null,
    taken bigint not null generated always as identity,
    primary key (session_id, name)
);
create index if not exists "{name}_value_digest" on {value} (digest);

-- The revocation list for sealed cookies: digests of names, and their floors as big-endian integers. The last call that
-- raised a floor has an id, and the floor before it is kept for its repetition.
create table if not exists {revocation} (
    name bytea not null primary key,
    floor bytea not null,
    since bigint not null,
    expires_at bigint not null,
    call_id bytea not null,
    previous_floor bytea,
    previous_since bigint
);
create index if not exists "{name}_revocation_expires_at" on {revocation} (expires_at);
