-- A session. Times are milliseconds since the Unix epoch.
create table if not exists {session} (
    id bigint not null auto_increment primary key,
    -- SHA-256 of the token.
    `key` binary(32) not null,
    handle_id binary(16) not null,
    created_at bigint not null,
    authenticated_at bigint,
    idle_deadline bigint not null,
    idle_timeout bigint not null,
    lifetime_deadline bigint not null,
    remember boolean not null,
    deadline bigint generated always as (least(idle_deadline, lifetime_deadline)) stored,
    record longblob not null,
    unique index `{name}_key` (`key`),
    index `{name}_deadline` (deadline)
) engine = InnoDB;

-- An indexed value of a session. The order of ids is that in which sessions took the value.
create table if not exists {value} (
    id bigint not null auto_increment primary key,
    session_id bigint not null,
    -- SHA-256 of the name and the value of the field.
    digest binary(32) not null,
    unique index `{name}_value_session` (session_id, digest),
    index `{name}_value_digest` (digest, session_id),
    constraint `{name}_value_of` foreign key (session_id) references {session} (id) on delete cascade
) engine = InnoDB;

-- A name of the revocation list for sealed cookies.
create table if not exists {revocation} (
    -- A digest.
    name binary(32) not null primary key,
    -- A big-endian integer.
    floor binary(8) not null,
    since bigint not null,
    expires_at bigint not null,
    -- The last call that raised the floor, and the floor before it, for a repetition of the call.
    call_id binary(16) not null,
    previous_floor binary(8),
    previous_since bigint,
    index `{name}_revocation_expires_at` (expires_at)
) engine = InnoDB;
