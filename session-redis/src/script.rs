//! The scripts, one for each kind of write.

use std::sync::LazyLock;

use redis::{Arg, Cmd};

pub(crate) static CREATE: LazyLock<Script> =
    LazyLock::new(|| Script::of_session(include_str!("lua/create.lua")));
pub(crate) static WRITE: LazyLock<Script> =
    LazyLock::new(|| Script::beginning(include_str!("lua/set.lua"), include_str!("lua/write.lua")));
#[cfg(feature = "seal")]
pub(crate) static RESEAL: LazyLock<Script> =
    LazyLock::new(|| Script::of_session(include_str!("lua/reseal.lua")));
pub(crate) static DESTROY: LazyLock<Script> =
    LazyLock::new(|| Script::of_session(include_str!("lua/destroy.lua")));
pub(crate) static ENTER: LazyLock<Script> = LazyLock::new(|| Script::of_index(include_str!("lua/enter.lua")));
pub(crate) static END: LazyLock<Script> = LazyLock::new(|| Script::of_session(include_str!("lua/end.lua")));
pub(crate) static TIDY: LazyLock<Script> = LazyLock::new(|| Script::of_index(include_str!("lua/tidy.lua")));
pub(crate) static RAISE: LazyLock<Script> = LazyLock::new(|| Script::alone(include_str!("lua/raise.lua")));

const INDEX: &str = include_str!("lua/index.lua");
const PLACE: &str = include_str!("lua/place.lua");

/// A script, as it is for one server and as it is for a cluster.
pub(crate) struct Script {
    one: Version,
    cluster: Version,
}

/// A text, and the hash by which a server that saw it before remembers it.
#[derive(Clone)]
pub(crate) struct Version {
    source: String,
    hash: String,
}

impl Script {
    /// A script on a session's key, which reaches the index where that is on the same server.
    fn of_session(source: &str) -> Self {
        Self::beginning("", source)
    }

    /// The same, with a part that comes before all that has to do with the index.
    fn beginning(first: &str, source: &str) -> Self {
        let version =
            |here: bool| Version::new(format!("{first}local here = {here}\n{INDEX}{PLACE}{source}"));
        Self { one: version(true), cluster: version(false) }
    }

    /// A script on a key of the index.
    fn of_index(source: &str) -> Self {
        Self::alone(&format!("local here = false\n{INDEX}{source}"))
    }

    fn alone(source: &str) -> Self {
        let version = Version::new(source.to_owned());
        Self { one: version.clone(), cluster: version }
    }

    pub(crate) fn version(&self, is_cluster: bool) -> &Version {
        if is_cluster { &self.cluster } else { &self.one }
    }
}

impl Version {
    fn new(source: String) -> Self {
        Self { hash: redis::Script::new(&source).get_hash().to_owned(), source }
    }

    /// A call of the script on these keys, to which its arguments are yet to be added.
    pub(crate) fn on(&self, keys: &[&str]) -> Cmd {
        let mut cmd = Cmd::with_capacity(16, 256);
        cmd.arg("EVALSHA").arg(&self.hash).arg(keys.len()).arg(keys);
        cmd
    }

    /// The same call with the script itself, for a server that does not remember it.
    pub(crate) fn in_full(&self, call: &Cmd) -> Cmd {
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
