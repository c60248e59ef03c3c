//! The statements of a store in SQLite.

use crate::index_key::comparison;
use crate::rows::{session_columns, with_key};
use crate::seal::Seal;
use crate::table::{Statement, Table};

/// Each statement has the parameters of its comment, in this order.
pub(super) struct Statements {
    /// Several statements.
    pub(super) schema: Statement,
    /// Key, now.
    pub(super) load: Statement,
    /// Key, now.
    pub(super) is_expired: Statement,
    /// Now.
    pub(super) count: Statement,
    /// The id to start before, now, limit.
    pub(super) list: Statement,
    /// Digests, now.
    pub(super) find_by: Statement,
    /// Now, digests. In the order in which the sessions took the value.
    pub(super) holders: Statement,
    /// Key, record, then metadata.
    pub(super) insert: Statement,
    /// Key, record, metadata, id.
    pub(super) update: Statement,
    /// Idle deadline, key, now.
    pub(super) touch: Statement,
    /// Session, digest.
    pub(super) add_value: Statement,
    /// Session, digest.
    pub(super) remove_value: Statement,
    /// The new digest, session, digest.
    pub(super) replace_value: Statement,
    /// Id.
    pub(super) delete: Statement,
    /// Key.
    pub(super) destroy: Statement,
    /// Digests, the only handle id or null, a handle id to except or null, now.
    pub(super) destroy_by: Statement,
    /// Handle id.
    pub(super) find_id: Statement,
    /// Id, handle id, now.
    pub(super) destroy_by_id: Statement,
    /// None.
    pub(super) last_id: Statement,
    /// The last id, limit.
    pub(super) clear: Statement,
    /// Now, limit.
    pub(super) sweep: Statement,
    /// Now, a list of names.
    pub(super) floors: Statement,
    /// Name, floor, since when it is there if it is higher, until when it is kept, now, id of the call.
    pub(super) raise: Statement,
    /// Now, limit.
    pub(super) sweep_floors: Statement,
}

impl Statements {
    pub(super) fn new(table: &Table, seal: Option<&Seal>) -> Self {
        let digests = comparison(seal);
        let statement = |sql: &str| {
            Statement::new(&with_key(sql, seal, '"').replace("{is_digest}", &digests), table, '"')
        };
        Self {
            schema: statement(include_str!("schema.sql")),
            load: statement(concat!(
                "select ",
                session_columns!(),
                " from {session} s where s.key = ? and s.deadline > ?"
            )),
            is_expired: statement("select 1 from {session} where key = ? and deadline <= ?"),
            count: statement("select count(*) from {session} where deadline > ?"),
            list: statement(concat!(
                "select ",
                session_columns!(),
                " from {session} s where s.id < ? and s.deadline > ? order by s.id desc limit ?"
            )),
            find_by: statement(concat!(
                "select ",
                session_columns!(),
                " from {value} v join {session} s on s.id = v.session_id where v.digest {is_digest} and s.deadline > ? order by v.id"
            )),
            holders: statement(
                "select s.id, s.handle_id, s.deadline > ? from {value} v join {session} s on s.id = v.session_id \
                 where v.digest {is_digest} order by v.id",
            ),
            insert: statement(
                "insert into {session} (key, record, handle_id, created_at, authenticated_at, idle_deadline, \
                 idle_timeout, lifetime_deadline, remember) values (?, ?, ?, ?, ?, ?, ?, ?, ?) \
                 on conflict (key) do nothing",
            ),
            update: statement(
                "update or ignore {session} set key = ?, record = ?, handle_id = ?, created_at = ?, \
                 authenticated_at = ?, idle_deadline = ?, idle_timeout = ?, lifetime_deadline = ?, remember = ? \
                 where id = ?",
            ),
            touch: statement(
                "update {session} set idle_deadline = max(idle_deadline, ?) where key = ? and deadline > ?",
            ),
            add_value: statement(
                "insert into {value} (session_id, digest) values (?, ?) on conflict (session_id, digest) do nothing",
            ),
            remove_value: statement("delete from {value} where session_id = ? and digest = ?"),
            replace_value: statement(
                "update or ignore {value} set digest = ? where session_id = ? and digest = ?",
            ),
            delete: statement("delete from {session} where id = ?"),
            destroy: statement("delete from {session} where key = ?"),
            destroy_by: statement(
                "delete from {session} where id in (select session_id from {value} where digest {is_digest}) \
                 and handle_id = coalesce(?, handle_id) and handle_id is not ? \
                 returning handle_id, deadline > ?",
            ),
            find_id: statement("select id from {session} where handle_id = ?"),
            destroy_by_id: statement(
                "delete from {session} where id = ? and handle_id = ? returning handle_id, deadline > ?",
            ),
            last_id: statement("select max(id) from {session}"),
            clear: statement(
                "delete from {session} where id in (select id from {session} where id <= ? order by id limit ?)",
            ),
            sweep: statement(
                "delete from {session} where id in (select id from {session} where deadline <= ? limit ?)",
            ),
            floors: statement(
                "select name, floor, since from {revocation} where expires_at > ? and name in ({list})",
            ),
            raise: statement(
                "insert into {revocation} (name, floor, since, expires_at, call_id) values (?1, ?2, ?3, ?4, ?6) \
                 on conflict (name) do update set \
                 floor = case when expires_at <= ?5 then ?2 else max(floor, ?2) end, \
                 since = case when expires_at <= ?5 or floor < ?2 then ?3 else since end, \
                 expires_at = max(expires_at, ?4), \
                 call_id = ?6, \
                 previous_floor = case when call_id = ?6 then previous_floor when expires_at > ?5 then floor end, \
                 previous_since = case when call_id = ?6 then previous_since when expires_at > ?5 then since end \
                 returning previous_floor, previous_since",
            ),
            sweep_floors: statement(
                "delete from {revocation} where name in (select name from {revocation} where expires_at <= ? limit ?)",
            ),
        }
    }
}
