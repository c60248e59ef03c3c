//! Servers of MariaDB and MySQL.

use std::env;
use std::ffi::OsString;
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::process::{free_port, retry, run};
use crate::supervised::Supervised;
use crate::wait::wait_until;

/// What the server writes to its log when it accepts connections.
const READY: &str = "ready for connections";

/// A server of MariaDB, or the one whose program the environment variable `MYSQLD` names, which may be that of MySQL.
/// It is on a loopback port, with its data in a temporary directory.
///
/// It ends on drop, and with the test process if it is never dropped, as in a `static`.
pub struct MySqlServer {
    server: Supervised,
    port: u16,
}

/// The program of a server.
struct Program {
    path: OsString,
    is_mariadb: bool,
}

impl MySqlServer {
    /// Starts a server whose user `root` needs no password.
    ///
    /// # Panics
    ///
    /// When the server is not installed or does not start.
    pub fn start() -> Self {
        let program = Program::find();
        retry(|| {
            let Ok(dir) = TempDir::new() else { panic!("no temporary directory can be created") };
            let dir = dir.keep();
            let (data, port) = (dir.join("data"), free_port());
            program.install(&dir, &data);
            let mut arguments = vec![
                "--no-defaults".to_owned(),
                format!("--datadir={}", data.display()),
                tmpdir(&dir),
                format!("--socket={}", dir.join("socket").display()),
                format!("--pid-file={}", dir.join("pid").display()),
                "--bind-address=127.0.0.1".to_owned(),
                format!("--port={port}"),
                format!("--user={}", user()),
                "--skip-log-bin".to_owned(),
                "--performance-schema=OFF".to_owned(),
                "--innodb-buffer-pool-size=64M".to_owned(),
                // Survives the end of the process.
                "--innodb-flush-log-at-trx-commit=2".to_owned(),
                "--max-connections=400".to_owned(),
                // Less than the default, so that tests can exceed it.
                "--max-allowed-packet=4M".to_owned(),
            ];
            // Without it, MySQL has a second port that is the same for all servers.
            arguments.extend((!program.is_mariadb).then(|| "--mysqlx=OFF".to_owned()));
            let mut server = Self { server: Supervised::new(&dir, &program.path, &arguments), port };
            server.try_start().then_some(server)
        })
    }

    /// Returns its port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Returns the URL of a database of it.
    pub fn url(&self, database: &str) -> String {
        format!("mysql://root@127.0.0.1:{}/{database}", self.port)
    }

    /// Kills it with SIGKILL.
    pub fn kill(&mut self) {
        self.server.kill();
        let is_down = || TcpStream::connect(("127.0.0.1", self.port)).is_err();
        wait_until("the server has ended", || is_down().then_some(()));
    }

    /// Starts it again after it was killed, on the same port with its data.
    ///
    /// # Panics
    ///
    /// When it does not start.
    pub fn restart(&mut self) {
        // Its port may have been taken meanwhile, for a moment.
        wait_until("the server starts again", || self.try_start().then_some(()));
    }

    /// Starts it. Returns whether it runs, unless it has ended again, as it does if the port is taken.
    fn try_start(&mut self) -> bool {
        self.server.start();
        wait_until("the server is ready or has ended", || {
            let log = self.server.log();
            let has_ended = log.contains("Aborting") || log.contains("not found");
            if log.contains(READY) { Some(true) } else { has_ended.then_some(false) }
        })
    }
}

impl Program {
    fn find() -> Self {
        let path = env::var_os("MYSQLD").unwrap_or_else(mariadbd);
        let is_mariadb = match Command::new(&path).arg("--version").output() {
            Ok(output) => String::from_utf8_lossy(&output.stdout).contains("MariaDB"),
            Err(error) => panic!("{} cannot be started, is it installed? {error}", path.display()),
        };
        Self { path, is_mariadb }
    }

    /// Creates the directory of the data, and in it the user `root` without a password.
    fn install(&self, dir: &Path, data: &Path) {
        let mut install = if self.is_mariadb {
            let mut install = Command::new("mariadb-install-db");
            install.args(["--no-defaults", "--skip-test-db", "--auth-root-authentication-method=normal"]);
            install
        } else {
            let mut install = Command::new(&self.path);
            install.args(["--no-defaults", "--initialize-insecure"]);
            install
        };
        install
            .arg(format!("--user={}", user()))
            .arg(format!("--datadir={}", data.display()))
            .arg(tmpdir(dir));
        run(install);
    }
}

/// Returns the program of MariaDB, which Debian keeps out of the `PATH` of users.
fn mariadbd() -> OsString {
    let installed = "/usr/sbin/mariadbd";
    if Path::new(installed).exists() { installed.into() } else { "mariadbd".into() }
}

/// Returns the option for temporary files. A server that starts removes those of all servers with the same directory.
fn tmpdir(dir: &Path) -> String {
    format!("--tmpdir={}", dir.display())
}

/// Returns the name of the user of this process. Servers run as root only with `--user=root`.
fn user() -> String {
    let output = Command::new("id").arg("-un").output();
    let name = output.ok().and_then(|output| String::from_utf8(output.stdout).ok());
    name.unwrap_or_else(|| panic!("`id` does not answer")).trim().to_owned()
}
