//! The arguments of the program.

use clap::{ArgAction, Args, Parser, Subcommand};
use session::HandleId;

use crate::condition::Condition;

/// Lists and ends the sessions of an application.
///
/// Prints handle ids, times, and the values of fields marked `principal` or `index`; never a token, and of other fields only
/// the name and the size.
#[derive(Parser)]
#[command(name = "session", version, disable_help_flag = true, disable_version_flag = true)]
pub(crate) struct Arguments {
    // Without short options, because the text of a handle id may begin with a hyphen.
    /// Print help.
    #[arg(long, action = ArgAction::Help, global = true)]
    help: Option<bool>,
    /// Print the version.
    #[arg(long, action = ArgAction::Version)]
    version: Option<bool>,
    #[command(flatten)]
    pub(crate) store: StoreArguments,
    /// Print JSON: one object a line.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Where the sessions are.
#[derive(Args)]
pub(crate) struct StoreArguments {
    /// URL of the store: `redis://…`, `rediss://…`, `postgres://…`, `mysql://…` or `sqlite:file.db`. Several of `redis://…`,
    /// separated by commas, are nodes of a cluster, or sentinels. Other users of this machine can read the arguments of
    /// programs: put a URL with a password into the variable.
    #[arg(
        long = "store",
        env = "SESSION_STORE",
        hide_env_values = true,
        value_name = "URL",
        value_delimiter = ','
    )]
    pub(crate) urls: Vec<String>,
    /// Name of the service that the sentinels monitor.
    #[arg(long, value_name = "SERVICE")]
    pub(crate) sentinel: Option<String>,
    /// Prefix of the keys in Redis.
    #[arg(long, default_value = "session")]
    pub(crate) prefix: String,
    /// Name of the table in SQL.
    #[arg(long, default_value = "session")]
    pub(crate) table: String,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Lists live sessions.
    List {
        /// Only sessions in which this `principal` or `index` field has this value.
        #[arg(value_name = "FIELD=VALUE")]
        condition: Option<Condition>,
        /// Stop after this many.
        #[arg(long, default_value_t = usize::MAX, hide_default_value = true)]
        limit: usize,
    },
    /// Shows one session and the names and sizes of its fields.
    Show {
        /// Its handle id, as listed.
        #[arg(allow_hyphen_values = true)]
        id: HandleId,
    },
    /// Ends one session.
    End {
        /// Its handle id, as listed.
        #[arg(allow_hyphen_values = true)]
        id: HandleId,
    },
    /// Ends all sessions of a principal, or all that there are.
    EndAll {
        /// Those in which this `principal` or `index` field has this value.
        #[arg(value_name = "FIELD=VALUE", required_unless_present = "everyone")]
        condition: Option<Condition>,
        /// Those of all principals and visitors.
        #[arg(long, conflicts_with = "condition")]
        everyone: bool,
    },
    /// Counts live sessions.
    Count,
    /// Removes expired sessions.
    Sweep,
}
