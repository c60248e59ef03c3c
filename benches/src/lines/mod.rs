//! Lines of code: the same tasks with each library, each as a whole program.

mod users;

mod counter {
    pub(super) mod actix_session;
    pub(super) mod session_actix;
    pub(super) mod session_axum;
    pub(super) mod tower_sessions;
}
mod guard {
    pub(super) mod actix_session;
    pub(super) mod session_actix;
    pub(super) mod session_axum;
    pub(super) mod tower_sessions;
}
mod sign_in {
    pub(super) mod actix_session;
    pub(super) mod session_actix;
    pub(super) mod session_axum;
    pub(super) mod tower_sessions;
}
mod sign_out_everywhere {
    pub(super) mod actix_session;
    pub(super) mod session_actix;
    pub(super) mod session_axum;
    pub(super) mod tower_sessions;
}

use std::io;
use std::net::TcpListener;

use crate::table::Table;

const LIBRARIES: [&str; 4] = [
    "`session`, axum",
    "`tower-sessions`, `axum-login`",
    "`session`, actix-web",
    "`actix-session`, `actix-identity`",
];

/// A task, and a program for it with each of the libraries.
pub struct Task {
    name: &'static str,
    /// The programs, in the order of the table.
    pub programs: [Program; 4],
}

/// One of the programs.
pub struct Program {
    source: &'static str,
    /// What the program does in place of a feature that its library lacks.
    instead: Option<&'static str>,
    /// Serves the program on the thread until an error occurs.
    pub serve: fn(TcpListener) -> io::Result<()>,
}

macro_rules! task {
    ($name:literal, $task:ident, $axum_login:expr, $actix_identity:expr) => {
        Task {
            name: $name,
            programs: [
                program!($task, session_axum, on_tokio, None),
                program!($task, tower_sessions, on_tokio, $axum_login),
                program!($task, session_actix, on_actix, None),
                program!($task, actix_session, on_actix, $actix_identity),
            ],
        }
    };
}

macro_rules! program {
    ($task:ident, $library:ident, $runtime:ident, $instead:expr) => {
        Program {
            source: include_str!(concat!(stringify!($task), "/", stringify!($library), ".rs")),
            instead: $instead,
            serve: |listener| $runtime(listener, $task::$library::serve),
        }
    };
}

/// A counter of visits.
pub const COUNTER: Task = task!("counter", counter, None, None);

/// Signing in and out.
pub const SIGN_IN: Task = task!("sign in and out", sign_in, None, None);

/// Signing a user out in all browsers.
pub const SIGN_OUT_EVERYWHERE: Task = task!(
    "sign out everywhere",
    sign_out_everywhere,
    Some("column in the users' table"),
    Some("column in the users' table, middleware")
);

/// A page for signed-in visitors, and the way back to it after signing in.
pub const GUARD: Task = task!(
    "guard, and the way back",
    guard,
    Some("way back unchecked"),
    Some("middleware, way back unchecked")
);

/// Returns the number of lines of each program.
pub fn table() -> Table {
    let mut table = Table::new(["task"].into_iter().chain(LIBRARIES));
    for Task { name, programs } in [COUNTER, SIGN_IN, SIGN_OUT_EVERYWHERE, GUARD] {
        table.row(name, programs.iter().map(Program::lines));
    }
    table
}

impl Program {
    fn lines(&self) -> String {
        let lines = code_lines(self.source);
        self.instead.map_or_else(|| lines.to_string(), |instead| format!("{lines} ({instead})"))
    }
}

/// Counts the lines that are neither blank, nor comments, nor part of a `use`.
pub fn code_lines(source: &str) -> usize {
    let mut is_in_use = false;
    let is_code = |line: &&str| {
        let is_use = is_in_use || line.starts_with("use ");
        is_in_use = is_use && !line.ends_with(';');
        !is_use && !line.is_empty() && !line.starts_with("//")
    };
    source.lines().map(str::trim).filter(is_code).count()
}

fn on_tokio<F: Future<Output = io::Result<()>>>(
    listener: TcpListener,
    serve: impl FnOnce(tokio::net::TcpListener) -> F,
) -> io::Result<()> {
    listener.set_nonblocking(true)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async { serve(tokio::net::TcpListener::from_std(listener)?).await })
}

fn on_actix<F: Future<Output = io::Result<()>>>(
    listener: TcpListener,
    serve: impl FnOnce(TcpListener) -> F,
) -> io::Result<()> {
    actix_web::rt::System::new().block_on(serve(listener))
}
