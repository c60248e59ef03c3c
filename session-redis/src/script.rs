//! The scripts, one for each kind of write.

use std::sync::LazyLock;

use redis::{Arg, Cmd};

pub(crate) static CREATE: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("lua/create.lua")));
pub(crate) static WRITE: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("lua/write.lua")));
#[cfg(feature = "seal")]
pub(crate) static RESEAL: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("lua/reseal.lua")));
pub(crate) static SWEEP: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("lua/sweep.lua")));

/// A script, and the hash by which a server that saw it before remembers it.
pub(crate) struct Script {
    source: &'static str,
    hash: String,
}

impl Script {
    fn new(source: &'static str) -> Self {
        Self { source, hash: redis::Script::new(source).get_hash().to_owned() }
    }

    /// A call of the script on these keys, to which its arguments are yet to be added.
    pub(crate) fn on(&self, keys: &[&str]) -> Cmd {
        let mut cmd = redis::cmd("EVALSHA");
        cmd.arg(&self.hash).arg(keys.len()).arg(keys);
        cmd
    }

    /// The same call with the script itself, for a server that does not remember it.
    pub(crate) fn in_full(&self, call: &Cmd) -> Cmd {
        let mut cmd = redis::cmd("EVAL");
        cmd.arg(self.source);
        for arg in call.args_iter().skip(2) {
            if let Arg::Simple(bytes) = arg {
                cmd.arg(bytes);
            }
        }
        cmd
    }
}
