//! The statements that are prepared: those that need no transaction.

use crate::index_key::comparison;
use crate::rows::{session_columns, with_key};
use crate::seal::Seal;
use crate::table::{Statement, Table};

/// Each statement has the parameters of its comment, in this order.
pub(super) struct Statements {
    /// Several statements, without parameters.
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
    /// Idle deadline, key, now.
    pub(super) touch: Statement,
    /// Key.
    pub(super) destroy: Statement,
    /// Now, handle id.
    pub(super) find_id: Statement,
    /// Id, handle id.
    pub(super) destroy_by_id: Statement,
    /// None.
    pub(super) last_id: Statement,
    /// The last id, limit.
    pub(super) clear: Statement,
    /// Now, limit.
    pub(super) sweep: Statement,
    /// Now, a list of names.
    pub(super) floors: Statement,
    /// Now, limit.
    pub(super) sweep_floors: Statement,
}

impl Statements {
    pub(super) fn new(table: &Table, seal: Option<&Seal>) -> Self {
        let digests = comparison(seal);
        let statement = |sql: &str| {
            Statement::new(&with_key(sql, seal, '`').replace("{is_digest}", &digests), table, '`')
        };
        Self {
            schema: statement(include_str!("schema.sql")),
            load: statement(concat!(
                "select ",
                session_columns!(),
                " from {session} s where s.`key` = ? and s.deadline > ?"
            )),
            is_expired: statement("select 1 from {session} where `key` = ? and deadline <= ?"),
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
            touch: statement(
                "update {session} set idle_deadline = greatest(idle_deadline, ?) where `key` = ? and deadline > ?",
            ),
            destroy: statement("delete from {session} where `key` = ?"),
            find_id: statement("select id, handle_id, deadline > ? from {session} where handle_id = ?"),
            destroy_by_id: statement("delete from {session} where id = ? and handle_id = ?"),
            last_id: statement("select max(id) from {session}"),
            clear: statement("delete from {session} where id <= ? order by id limit ?"),
            sweep: statement("delete from {session} where deadline <= ? order by deadline limit ?"),
            floors: statement(
                "select name, floor, since from {revocation} where expires_at > ? and name in ({list})",
            ),
            sweep_floors: statement(
                "delete from {revocation} where expires_at <= ? order by expires_at limit ?",
            ),
        }
    }
}
