//! Several statements in one message.

use std::fmt::{Display, Write as _};

use session_core::{Record, StoreKey, Timestamp};

use super::Names;
use crate::floor::Raise;
use crate::index_key::IndexKey;
use crate::meta::{MetaColumns, encode_time};
use crate::record::encode_record;
use crate::rewrite::Replaced;
use crate::rows::{session_columns, with_key};
use crate::seal::Seal;

/// Statements that the server executes in order, until one fails.
///
/// Values are integers and hexadecimal literals, names come from the validated name of the table: nothing in a message
/// needs to be escaped. Methods that add a statement with a result return its number.
pub(super) struct Script<'a> {
    names: &'a Names,
    sql: String,
    statements: usize,
    record_length: usize,
}

/// Bytes as a literal.
struct Bytes<'a>(&'a [u8]);

impl Display for Bytes<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("x'")?;
        for byte in self.0 {
            for digit in [byte >> 4, byte & 0xf] {
                f.write_char(char::from(b"0123456789abcdef"[usize::from(digit)]))?;
            }
        }
        f.write_str("'")
    }
}

impl<'a> Script<'a> {
    pub(super) fn new(names: &'a Names) -> Self {
        Self { names, sql: String::new(), statements: 0, record_length: 0 }
    }

    pub(super) fn into_sql(self) -> String {
        self.sql
    }

    pub(super) fn len(&self) -> usize {
        self.sql.len()
    }

    /// The length of the record that the script writes, in bytes.
    pub(super) fn record_length(&self) -> usize {
        self.record_length
    }

    fn add(&mut self, statement: impl Display) -> usize {
        let _ = write!(self.sql, "{statement};");
        self.statements += 1;
        self.statements - 1
    }

    /// Begins a transaction in which each statement sees what others have committed before it.
    pub(super) fn begin(&mut self) {
        self.add("set transaction isolation level read committed");
        self.add("start transaction");
    }

    pub(super) fn commit(&mut self) {
        self.add("commit");
    }

    pub(super) fn roll_back(&mut self) {
        self.add("rollback");
    }

    /// The result is a row with the length that a message must stay below.
    pub(super) fn max_allowed_packet(&mut self) -> usize {
        self.add("select @@max_allowed_packet")
    }

    /// Waits for the lock with a name, for some seconds. The result is a row with 1.
    pub(super) fn lock(&mut self, name: &str, seconds: u64) -> usize {
        self.add(format_args!("select get_lock('{name}', {seconds})"))
    }

    pub(super) fn unlock(&mut self, names: &[String]) {
        for name in names {
            self.add(format_args!("do release_lock('{name}')"));
        }
    }

    /// Locks the live session under a key, and reads it.
    pub(super) fn lock_session(&mut self, key: &StoreKey, seal: Option<&Seal>, now: Timestamp) -> usize {
        let statement = format!(
            "select {} from {} s where s.`key` = {} and s.deadline > {} for update",
            with_key(session_columns!(), seal, '`'),
            self.names.session,
            Bytes(key.as_bytes()),
            encode_time(now)
        );
        self.add(statement)
    }

    /// Reads the sessions that hold a value, in the order in which they took it: id, handle id, whether it is live.
    pub(super) fn holders(&mut self, digests: &[IndexKey], now: Timestamp) -> usize {
        let Names { session, value, .. } = self.names;
        let statement = format!(
            "select s.id, s.handle_id, s.deadline > {} from {value} v join {session} s on s.id = v.session_id \
             where v.digest {} order by v.id",
            encode_time(now),
            one_of(digests)
        );
        self.add(statement)
    }

    /// Locks the sessions that hold a value, in the order of their ids. The result is these.
    pub(super) fn lock_holders(&mut self, digests: &[IndexKey]) -> usize {
        let Names { session, value, .. } = self.names;
        let statement = format!(
            "select id from {session} where id in (select session_id from {value} where digest {}) \
             order by id for update",
            one_of(digests)
        );
        self.add(statement)
    }

    pub(super) fn insert(&mut self, key: &StoreKey, record: &Record, seal: Option<&Seal>) {
        let (bytes, columns) = encode_record(record, key, seal);
        self.record_length = bytes.len();
        let statement = format!(
            "insert into {} (`key`, record, handle_id, created_at, authenticated_at, idle_deadline, idle_timeout, \
             lifetime_deadline, remember) values ({}, {}, {})",
            self.names.session,
            Bytes(key.as_bytes()),
            Bytes(&bytes),
            meta(&columns).map(|(_, value)| value).join(", ")
        );
        self.add(statement);
    }

    pub(super) fn update(&mut self, session: i64, key: &StoreKey, record: &Record, seal: Option<&Seal>) {
        let (bytes, columns) = encode_record(record, key, seal);
        self.record_length = bytes.len();
        let statement = format!(
            "update {} set `key` = {}, record = {}, {} where id = {session}",
            self.names.session,
            Bytes(key.as_bytes()),
            Bytes(&bytes),
            meta(&columns).map(|(column, value)| format!("{column} = {value}")).join(", ")
        );
        self.add(statement);
    }

    /// The result says how many sessions there were, none or one.
    pub(super) fn delete(&mut self, session: i64) -> usize {
        let statement = format!("delete from {} where id = {session}", self.names.session);
        self.add(statement)
    }

    pub(super) fn delete_all(&mut self, sessions: &[i64]) {
        let ids: Vec<_> = sessions.iter().map(ToString::to_string).collect();
        let statement = format!("delete from {} where id in ({})", self.names.session, ids.join(", "));
        self.add(statement);
    }

    /// Adds index entries of the session with this id, or of the one that was just inserted.
    pub(super) fn add_values(&mut self, session: Option<i64>, keys: &[IndexKey]) {
        if keys.is_empty() {
            return;
        }
        let session = session.map_or("last_insert_id()".to_owned(), |session| session.to_string());
        let rows: Vec<_> = keys.iter().map(|key| format!("({session}, {})", Bytes(key))).collect();
        let statement = format!(
            "insert ignore into {} (session_id, digest) values {}",
            self.names.value,
            rows.join(", ")
        );
        self.add(statement);
    }

    /// Replaces digests of a session by others, in the same position.
    pub(super) fn replace_values(&mut self, session: i64, values: &[Replaced]) {
        for Replaced { older, current } in values {
            let statement = format!(
                "update ignore {} set digest = {} where session_id = {session} and digest {}",
                self.names.value,
                Bytes(current),
                one_of(older)
            );
            self.add(statement);
        }
    }

    pub(super) fn remove_values(&mut self, session: i64, keys: &[IndexKey]) {
        if keys.is_empty() {
            return;
        }
        let keys: Vec<_> = keys.iter().map(|key| Bytes(key).to_string()).collect();
        let statement = format!(
            "delete from {} where session_id = {session} and digest in ({})",
            self.names.value,
            keys.join(", ")
        );
        self.add(statement);
    }

    /// Raises a floor. Assignments are made in their order, so each column is read before it is assigned.
    pub(super) fn raise(&mut self, raise: &Raise) {
        let Raise { since, expires_at, now, .. } = raise;
        let statement = format!(
            "insert into {} (name, floor, since, expires_at, call_id) \
             values ({name}, {floor}, {since}, {expires_at}, {call_id}) on duplicate key update \
             previous_floor = if(call_id = {call_id}, previous_floor, if(expires_at > {now}, floor, null)), \
             previous_since = if(call_id = {call_id}, previous_since, if(expires_at > {now}, since, null)), \
             since = if(expires_at <= {now} or floor < {floor}, {since}, since), \
             floor = if(expires_at <= {now} or floor < {floor}, {floor}, floor), \
             expires_at = greatest(expires_at, {expires_at}), \
             call_id = {call_id}",
            self.names.revocation,
            name = Bytes(raise.name.as_bytes()),
            floor = Bytes(&raise.value),
            call_id = Bytes(raise.call_id.as_bytes()),
        );
        self.add(statement);
    }

    /// Reads the floor before the last raise, and its time.
    pub(super) fn previous_floor(&mut self, name: &StoreKey) -> usize {
        let statement = format!(
            "select previous_floor, previous_since from {} where name = {}",
            self.names.revocation,
            Bytes(name.as_bytes())
        );
        self.add(statement)
    }
}

/// The comparison with digests.
fn one_of(digests: &[IndexKey]) -> String {
    if let [digest] = digests {
        return format!("= {}", Bytes(digest));
    }
    let digests: Vec<_> = digests.iter().map(|digest| Bytes(digest).to_string()).collect();
    format!("in ({})", digests.join(", "))
}

/// The columns of the metadata and their values, in the order in which `insert` names them.
fn meta(meta: &MetaColumns) -> [(&'static str, String); 7] {
    [
        ("handle_id", Bytes(&meta.handle_id).to_string()),
        ("created_at", meta.created_at.to_string()),
        ("authenticated_at", meta.authenticated_at.map_or("null".to_owned(), |time| time.to_string())),
        ("idle_deadline", meta.idle_deadline.to_string()),
        ("idle_timeout", meta.idle_timeout.to_string()),
        ("lifetime_deadline", meta.lifetime_deadline.to_string()),
        ("remember", u8::from(meta.remember).to_string()),
    ]
}
