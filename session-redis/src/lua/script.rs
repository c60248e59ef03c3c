//! Scripts and how they are called: by hash, or with their source when a server does not have them cached.

use std::sync::LazyLock;

use redis::{Arg, Cmd};

pub(crate) static CREATE: LazyLock<Script> =
    LazyLock::new(|| Script::on_session("", include_str!("create.lua")));
pub(crate) static UPDATE: LazyLock<Script> = LazyLock::new(|| {
    let update = concat!(include_str!("counter.lua"), include_str!("update.lua"));
    Script::on_session(include_str!("update_plain.lua"), update)
});
#[cfg(feature = "seal")]
pub(crate) static UPDATE_SEALED: LazyLock<Script> =
    LazyLock::new(|| Script::on_session("", include_str!("update_sealed.lua")));
pub(crate) static DESTROY: LazyLock<Script> =
    LazyLock::new(|| Script::on_session("", include_str!("destroy.lua")));
pub(crate) static DESTROY_MEMBER: LazyLock<Script> =
    LazyLock::new(|| Script::on_session("", include_str!("destroy_member.lua")));
pub(crate) static ADD_MEMBER: LazyLock<Script> =
    LazyLock::new(|| Script::on_index(include_str!("add_member.lua")));
pub(crate) static PRUNE: LazyLock<Script> = LazyLock::new(|| Script::on_index(include_str!("prune.lua")));
pub(crate) static RAISE_FLOOR: LazyLock<Script> =
    LazyLock::new(|| Script::standalone(include_str!("raise_floor.lua")));

const CODES: &str = include_str!("codes.lua");
const INDEX: &str = include_str!("index.lua");
const MEMBERSHIP: &str = include_str!("membership.lua");
const LIMIT: &str = include_str!("limit.lua");

/// Initial capacity for the arguments of a call, enough to create most sessions.
const ARGUMENTS: usize = 32;
/// The same for their bytes.
const ARGUMENT_BYTES: usize = 1024;

/// A script in two versions: for a single server, where the index is on the server of the sessions, and for a cluster.
pub(crate) struct Script {
    single: Version,
    cluster: Version,
}

/// Source of a script, and the hash under which servers cache it.
#[derive(Clone)]
pub(crate) struct Version {
    source: String,
    hash: String,
}

impl Script {
    /// A script on the key of a session. `head` is executed before the index functions are defined.
    fn on_session(head: &str, source: &str) -> Self {
        let version = |index_is_local: bool| {
            Version::new(format!(
                "{CODES}{head}local index_is_local = {index_is_local}\n{INDEX}{MEMBERSHIP}{LIMIT}{source}"
            ))
        };
        Self { single: version(true), cluster: version(false) }
    }

    /// A script on the key of an index set.
    fn on_index(source: &str) -> Self {
        Self::standalone(&format!("local index_is_local = false\n{INDEX}{source}"))
    }

    fn standalone(source: &str) -> Self {
        let version = Version::new(source.to_owned());
        Self { single: version.clone(), cluster: version }
    }

    pub(crate) fn version(&self, is_cluster: bool) -> &Version {
        if is_cluster { &self.cluster } else { &self.single }
    }
}

impl Version {
    fn new(source: String) -> Self {
        Self { hash: redis::Script::new(&source).get_hash().to_owned(), source }
    }

    /// `EVALSHA` on these keys, to which the arguments are to be appended.
    pub(crate) fn call(&self, keys: &[&str]) -> Cmd {
        let mut cmd = Cmd::with_capacity(ARGUMENTS, ARGUMENT_BYTES);
        cmd.arg("EVALSHA").arg(&self.hash).arg(keys.len()).arg(keys);
        cmd
    }

    /// The same call as `EVAL`, for a server that does not have the script cached.
    pub(crate) fn eval(&self, call: &Cmd) -> Cmd {
        let mut cmd = redis::cmd("EVAL");
        cmd.arg(&self.source);
        for arg in call.args_iter().skip(2) {
            if let Arg::Simple(bytes) = arg {
                cmd.arg(bytes);
            }
        }
        cmd
    }
}
