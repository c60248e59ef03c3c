//! PostgreSQL servers.

use std::fs;
use std::net::TcpStream;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::process::{free_port, retry, run};
use crate::supervised::Supervised;
use crate::wait::wait_until;

const SETTINGS: [&str; 5] = [
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "max_connections=200",
    "fsync=off",
    "full_page_writes=off",
];

/// A PostgreSQL server on a loopback port, with its data in a temporary directory.
///
/// It ends on drop, and with the test process if it is never dropped, as in a `static`.
pub struct PostgresServer {
    server: Supervised,
    data: PathBuf,
    port: u16,
    /// The content of the process file when the server was killed.
    killed: Option<String>,
}

impl PostgresServer {
    /// Starts a server with a superuser `postgres` who needs no password.
    ///
    /// # Panics
    ///
    /// When PostgreSQL is not installed or does not start.
    pub fn start() -> Self {
        Self::with_data(|data| {
            let mut initdb = program("initdb");
            initdb.args([
                "--no-sync",
                "--auth=trust",
                "--username=postgres",
                "--encoding=UTF8",
                "--locale=C",
            ]);
            initdb.arg("-D").arg(data);
            initdb
        })
    }

    /// Starts a hot standby of this server.
    ///
    /// # Panics
    ///
    /// When it does not start.
    pub fn start_standby(&self) -> Self {
        Self::with_data(|data| {
            let mut backup = program("pg_basebackup");
            backup.args(["--no-sync", "--checkpoint=fast", "--write-recovery-conf", "--host=127.0.0.1"]);
            backup.args(["--username=postgres", "--port", &self.port.to_string(), "-D"]).arg(data);
            backup
        })
    }

    fn with_data(fill: impl Fn(&Path) -> Command) -> Self {
        retry(|| {
            let Ok(dir) = TempDir::new() else { panic!("no temporary directory can be created") };
            if let Some((user, group)) = unprivileged_user() {
                let given = chown(dir.path(), Some(user), Some(group));
                given.unwrap_or_else(|error| panic!("the directory cannot be given to a user: {error}"));
            }
            let data = dir.path().join("data");
            run(fill(&data));
            let (dir, port) = (dir.keep(), free_port());
            let mut arguments =
                vec!["-D".to_owned(), data.display().to_string(), "-p".to_owned(), port.to_string()];
            arguments.extend(SETTINGS.into_iter().flat_map(|setting| ["-c".to_owned(), setting.to_owned()]));
            let program = path_of("postgres");
            let server =
                Supervised::controlled_by(unprivileged("sh"), &dir, "QUIT", program.as_os_str(), &arguments);
            let mut server = Self { server, data, port, killed: None };
            server.try_start().then_some(server)
        })
    }

    /// Returns the line in which PostgreSQL says its version.
    ///
    /// # Panics
    ///
    /// When PostgreSQL is not installed.
    pub fn version() -> String {
        let output = Command::new(path_of("postgres")).arg("--version").output();
        output.map(|output| String::from_utf8_lossy(&output.stdout).trim_end().to_owned()).unwrap_or_default()
    }

    /// Returns its port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Returns the URL of a database of it.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }

    /// Kills it with SIGKILL.
    pub fn kill(&mut self) {
        self.killed = fs::read_to_string(self.process_file()).ok();
        self.server.kill();
        let is_down = || TcpStream::connect(("127.0.0.1", self.port)).is_err();
        wait_until("PostgreSQL has ended", || is_down().then_some(()));
    }

    /// Starts it again after it was killed, on the same port with its data.
    ///
    /// # Panics
    ///
    /// When it does not start.
    pub fn restart(&mut self) {
        // The processes of the killed one may still be there, for a moment.
        wait_until("PostgreSQL starts again", || self.try_start().then_some(()));
    }

    /// Starts it. Returns whether it runs, unless it has ended again, as it does if the port is taken.
    fn try_start(&mut self) -> bool {
        self.server.start();
        wait_until("PostgreSQL is ready or has ended", || {
            let status = fs::read_to_string(self.process_file()).ok();
            if status != self.killed && status.is_some_and(|status| status.trim_end().ends_with("ready")) {
                return Some(true);
            }
            self.server.log().contains("FATAL:").then_some(false)
        })
    }

    fn process_file(&self) -> PathBuf {
        self.data.join("postmaster.pid")
    }
}

/// Returns a command that runs a program of PostgreSQL.
fn program(name: &str) -> Command {
    unprivileged(path_of(name))
}

/// Returns a command that runs a program, as another user if this one is root, under whom PostgreSQL refuses to run.
fn unprivileged(program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new(program);
    if let Some((user, group)) = unprivileged_user() {
        command.uid(user).gid(group);
    }
    command.current_dir("/").env_remove("PGDATA");
    command
}

/// Returns the ids of the user `postgres` and its group if this process runs as root.
fn unprivileged_user() -> Option<(u32, u32)> {
    let id = |arguments: &[&str]| {
        let output = Command::new("id").args(arguments).output().ok()?;
        String::from_utf8(output.stdout).ok()?.trim().parse().ok()
    };
    if id(&["-u"])? != 0_u32 {
        return None;
    }
    let (Some(user), Some(group)) = (id(&["-u", "postgres"]), id(&["-g", "postgres"])) else {
        panic!("PostgreSQL does not run as root, and there is no user `postgres`: is it installed?")
    };
    Some((user, group))
}

/// Returns the path of a program of PostgreSQL. Many distributions keep the server's out of `PATH`.
fn path_of(name: &str) -> PathBuf {
    let listed = std::env::var_os("PATH").map(|paths| std::env::split_paths(&paths).collect::<Vec<_>>());
    let mut places = listed.unwrap_or_default();
    for parent in ["/usr/lib/postgresql", "/usr/libexec", "/usr", "/usr/local/opt", "/opt/homebrew/opt"] {
        let children = fs::read_dir(parent).into_iter().flatten().flatten().map(|child| child.path());
        let mut versions: Vec<_> = children.filter(|child| is_of_postgres(child)).collect();
        versions.sort();
        places.extend(versions.iter().rev().flat_map(|version| [version.join("bin"), version.clone()]));
    }
    let found = places.iter().map(|place| place.join(name)).find(|path| path.is_file());
    found.unwrap_or_else(|| panic!("there is no `{name}`, is PostgreSQL installed?"))
}

fn is_of_postgres(dir: &Path) -> bool {
    let name = dir.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    name.contains("postgres") || name.contains("pgsql") || name.bytes().all(|byte| byte.is_ascii_digit())
}
