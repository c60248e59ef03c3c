//! The statements of a store in PostgreSQL.

use crate::seal::Seal;
use crate::table::{Statement, Table};

/// Columns of a record as [`row`](super::row) reads them, but for the fields that are not indexed.
macro_rules! columns {
    () => {
        "s.id, s.handle_id, s.created_at, s.authenticated_at, s.idle_deadline, s.idle_timeout, s.lifetime_deadline, \
         s.remember, s.indexed"
    };
}

/// Loads what `$fields` says of the sessions that hold a value.
macro_rules! find_by {
    ($fields:literal) => {
        concat!(
            "select ",
            columns!(),
            ", ",
            $fields,
            "{key}
                from {value} v join {session} s on s.id = v.session_id
                where v.digest = $1 and s.indexed @> $2::jsonb and s.deadline > $3"
        )
    };
}

/// Each statement has the parameters of its comment, in this order.
pub(super) struct Statements {
    /// Several statements.
    pub(super) schema: Statement,
    /// Begins a transaction once no other process is in one that creates the schema.
    pub(super) begin_schema: Statement,
    /// None.
    pub(super) schema_exists: Statement,
    /// Begins a transaction in which every statement sees what is committed when it starts.
    pub(super) begin: Statement,
    /// Locks `{number}`, which the text has in place of a parameter.
    pub(super) lock: Statement,
    /// Key, now.
    pub(super) load: Statement,
    /// Keys: loads these sessions, expired ones too.
    pub(super) load_all: Statement,
    /// Key, now.
    pub(super) is_expired: Statement,
    /// Now.
    pub(super) count: Statement,
    /// The id to start before, now, limit.
    pub(super) list: Statement,
    /// Digest, the field, now, names of other fields: of a sealed session all are read.
    pub(super) find_by: Statement,
    /// As the text says.
    pub(super) create: Statement,
    pub(super) create_limited: Statement,
    /// Key, now, idle deadline.
    pub(super) touch: Statement,
    /// As the text says: without and with additions, and of each one without and with an idle deadline.
    set: [[Statement; 2]; 2],
    /// The same for several sessions, without and with idle deadlines.
    set_all: [Statement; 2],
    /// As the text says.
    pub(super) patch: Statement,
    pub(super) patch_limited: Statement,
    /// Key, now: loads a session and locks it.
    pub(super) load_locked: Statement,
    /// As the text says.
    pub(super) reseal: Statement,
    pub(super) reseal_limited: Statement,
    /// Key.
    pub(super) destroy: Statement,
    /// Digest, the field, a handle id or null for all, whether only that one is meant or all others, now, the id to
    /// start after, limit.
    pub(super) destroy_by: Statement,
    /// Handle id, now.
    pub(super) destroy_by_id: Statement,
    /// None.
    pub(super) last_id: Statement,
    /// The last id, the id to start after, limit.
    pub(super) clear: Statement,
    /// Now, limit.
    pub(super) sweep: Statement,
    /// Names, now.
    pub(super) floors: Statement,
    /// As the text says.
    pub(super) raise: Statement,
    /// Now, limit.
    pub(super) sweep_floors: Statement,
}

impl Statements {
    pub(super) fn new(table: &Table, seal: Option<&Seal>) -> Self {
        let key = seal.map_or("", |_| ", s.key");
        let statement = |sql: &str| Statement::new(&sql.replace("{key}", key), table, '"');
        let by_value = |sql: &str, digest: &str, field: &str| match seal {
            None => statement(sql),
            Some(_) => statement(&under_each_key(sql, digest, field)),
        };
        Self {
            schema: statement(include_str!("sql/schema.sql")),
            begin_schema: statement(
                "begin isolation level read committed;
                select pg_advisory_xact_lock(hashtextextended('{session}', 0))",
            ),
            // The last of what it consists of.
            schema_exists: statement("select to_regclass('{schema}\"{name}_revocation_expires_at\"') is not null"),
            begin: statement("begin isolation level read committed"),
            lock: statement("select pg_advisory_xact_lock('{session}'::regclass::oid::int, {number})"),
            load: statement(concat!(
                "select ",
                columns!(),
                ", s.fields{key} from {session} s where s.key = $1 and s.deadline > $2"
            )),
            // With the parameter as such, each number of keys would be planned anew.
            load_all: statement(concat!(
                "select ",
                columns!(),
                ", s.fields, s.key from {session} s where s.key = any((select $1)::bytea[])"
            )),
            load_locked: statement(concat!(
                "select ",
                columns!(),
                ", s.fields{key} from {session} s where s.key = $1 and s.deadline > $2 for update"
            )),
            is_expired: statement("select 1 from {session} where key = $1 and deadline <= $2"),
            count: statement("select count(*) from {session} where deadline > $1"),
            list: statement(concat!(
                "select ",
                columns!(),
                ", s.fields{key} from {session} s where s.id < $1 and s.deadline > $2 order by s.id desc limit $3"
            )),
            find_by: match seal {
                None => statement(find_by!(
                    "case when $4::text[] = '{}' then '{}' else (
                    select coalesce(jsonb_object_agg(f.key, f.value), '{}') from jsonb_each(s.fields) f
                    where f.key = any($4)) end as fields"
                )),
                Some(_) => by_value(find_by!("s.fields"), "$1", "$2"),
            },
            create: statement(&create(Limit::None)),
            create_limited: by_value(&create(Limit::Some), "$11", "$12"),
            touch: statement(
                "update {session} set idle_deadline = greatest(idle_deadline, $3) where key = $1 and deadline > $2
                returning 1",
            ),
            set: [false, true].map(|adds| [false, true].map(|touches| statement(&set(adds, touches)))),
            set_all: [false, true].map(|touches| statement(&set_all(touches))),
            patch: statement(&patch(Limit::None)),
            patch_limited: statement(&patch(Limit::Some)),
            reseal: statement(&reseal(Limit::None)),
            reseal_limited: by_value(&reseal(Limit::Some), "$11", "$12"),
            destroy: statement("delete from {session} where key = $1 returning 1"),
            destroy_by: by_value(include_str!("sql/destroy_by.sql"), "$1", "$2"),
            destroy_by_id: statement("delete from {session} where handle_id = $1 returning deadline > $2"),
            last_id: statement("select max(id) from {session}"),
            clear: statement(include_str!("sql/clear.sql")),
            sweep: statement(include_str!("sql/sweep.sql")),
            floors: statement(
                "select name, floor, since from {revocation} where name = any($1) and expires_at > $2",
            ),
            raise: statement(include_str!("sql/raise.sql")),
            sweep_floors: statement(include_str!("sql/sweep_floors.sql")),
        }
    }
}

impl Statements {
    /// Sets fields of a session.
    pub(super) fn set(&self, adds: bool, touches: bool) -> &Statement {
        &self.set[usize::from(adds)][usize::from(touches)]
    }

    /// Sets fields of several sessions.
    pub(super) fn set_all(&self, touches: bool) -> &Statement {
        &self.set_all[usize::from(touches)]
    }
}

/// Whether a statement writes under a session limit.
#[derive(Clone, Copy)]
enum Limit {
    None,
    Some,
}

fn create(limit: Limit) -> String {
    with_room(include_str!("sql/create.sql"), limit)
}

fn reseal(limit: Limit) -> String {
    let is_refused = match limit {
        Limit::None => "is_refused",
        // Another write that came in between may have changed whether the session holds the value.
        Limit::Some => "is_refused and exists (select from locked where key = $1 and fields = $19::jsonb)",
    };
    with_room(include_str!("sql/reseal.sql"), limit).replace("{is_refused}", is_refused)
}

fn with_room(text: &str, limit: Limit) -> String {
    let room = match limit {
        Limit::None => "room as (select false as is_refused), ",
        Limit::Some => include_str!("sql/limit.sql"),
    };
    with_eviction(text, limit).replace("{room}", room)
}

/// Returns the statement with a list of digests and one of fields in place of one each. The parameters that hold them
/// have these names.
fn under_each_key(text: &str, digest: &str, field: &str) -> String {
    text.replace(&format!("digest = {digest}"), &format!("digest = any({digest})"))
        .replace(&format!("@> {field}::jsonb"), &format!("@> any({field}::jsonb[])"))
}

fn patch(limit: Limit) -> String {
    let (old, is_refused) = match limit {
        Limit::None => (
            "old as (select id, fields, indexed from {session} where key = $1 and deadline > $2 for update), ",
            "false",
        ),
        Limit::Some => (
            concat!(
                include_str!("sql/limit.sql"),
                "old as (select id, fields, indexed from locked where key = $1 and deadline > $2), "
            ),
            "(select is_refused from room)",
        ),
    };
    let text = with_meta(&with_eviction(include_str!("sql/patch.sql"), limit));
    text.replace("{old}", old).replace("{is_refused}", is_refused).replace("{added}", &added("$20"))
}

fn set(adds: bool, touches: bool) -> String {
    let added = if adds { format!(" || {}", added("$6")) } else { String::new() };
    include_str!("sql/set.sql").replace("{added}", &added).replace("{touched}", &touched(touches, "$5"))
}

fn set_all(touches: bool) -> String {
    let text = include_str!("sql/set_all.sql").replace("{added}", &added("additions"));
    text.replace("{touched}", &touched(touches, "locked.idle_deadline"))
}

/// The deadline is computed anew where this is part of the statement.
fn touched(touches: bool, idle_deadline: &str) -> String {
    if touches {
        format!(",\n    idle_deadline = greatest(s.idle_deadline, {idle_deadline})")
    } else {
        String::new()
    }
}

fn added(additions: &str) -> String {
    include_str!("sql/added.sql").replace("{additions}", additions)
}

fn with_meta(text: &str) -> String {
    text.replace("{meta}", include_str!("sql/meta.sql"))
}

fn with_eviction(text: &str, limit: Limit) -> String {
    let (evicted, ids) = match limit {
        Limit::None => ("", "null::bytea"),
        Limit::Some => (
            include_str!("sql/evict.sql"),
            "(select string_agg(handle_id, ''::bytea) from evicted where is_live and octet_length(handle_id) = 16)",
        ),
    };
    text.replace("{evicted}", evicted).replace("{evicted_ids}", ids)
}
