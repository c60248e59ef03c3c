//! Servers under test, and clients that use curl.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;

use axum::Router;
use tempfile::TempDir;
use tokio::net::TcpListener;

/// A running server.
pub(crate) struct Server {
    /// The program, killed on drop; `None` for a router in this process.
    process: Option<Child>,
    pub(crate) address: String,
}

impl Server {
    /// Starts a program that prints the address it listens on.
    pub(crate) fn start(program: &mut Command) -> Self {
        let mut process = program.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("listening on ").unwrap().to_owned();
        Self { process: Some(process), address }
    }

    /// Serves a router in this process until the process ends. `router` receives the address.
    pub(crate) fn serve<F: Future<Output = Router>>(
        router: impl FnOnce(String) -> F + Send + 'static,
    ) -> Self {
        let (sender, receiver) = mpsc::channel();
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
                let address = format!("http://{}", listener.local_addr().unwrap());
                let router = router(address.clone()).await;
                sender.send(address).unwrap();
                axum::serve(listener, router).await.unwrap();
            });
        });
        Self { process: None, address: receiver.recv().unwrap() }
    }

    /// A server that the test runs.
    pub(crate) fn at(address: SocketAddr) -> Self {
        Self { process: None, address: format!("http://{address}") }
    }

    /// Returns the URL of a page of this server; a URL may be of another server.
    pub(crate) fn url(&self, path: &str) -> String {
        if path.starts_with('/') { format!("{}{path}", self.address) } else { path.to_owned() }
    }

    pub(crate) fn visitor(&self) -> Visitor<'_> {
        Visitor { server: self, jar: TempDir::new().unwrap() }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(process) = &mut self.process {
            process.kill().unwrap();
            process.wait().unwrap();
        }
    }
}

/// A client with its own cookie jar.
pub(crate) struct Visitor<'a> {
    pub(crate) server: &'a Server,
    pub(crate) jar: TempDir,
}

impl Visitor<'_> {
    pub(crate) fn jar(&self) -> PathBuf {
        self.jar.path().join("jar")
    }

    /// Follows redirects and returns the page; panics on an error status.
    pub(crate) fn curl(&self, path: &str, arguments: &[&str]) -> String {
        self.run(path, &[&["--fail", "--location"], arguments].concat())
    }

    pub(crate) fn get(&self, path: &str) -> String {
        self.curl(path, &[])
    }

    pub(crate) fn post(&self, path: &str, form: &str) -> String {
        self.curl(path, &["--data", form])
    }

    /// Returns one response, whatever its status.
    pub(crate) fn reply(&self, path: &str, arguments: &[&str]) -> Reply {
        let printed = self.run(path, &[&["--include"], arguments].concat());
        let (head, body) = printed.split_once("\r\n\r\n").unwrap();
        let (status, headers) = head.split_once("\r\n").unwrap();
        Reply {
            status: status.split(' ').nth(1).unwrap().parse().unwrap(),
            headers: headers.to_owned(),
            body: body.to_owned(),
        }
    }

    /// Returns the data of the first event of a stream of server-sent events.
    pub(crate) fn event(&self, path: &str) -> String {
        let mut stream = self.command(path, &["--no-buffer"]).stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(stream.stdout.take().unwrap()).lines().map(Result::unwrap);
        let event: Vec<_> = lines.take_while(|line| !line.is_empty()).collect();
        stream.kill().unwrap();
        stream.wait().unwrap();
        let data: Vec<_> = event.iter().filter_map(|line| line.strip_prefix("data: ")).collect();
        data.join("\n")
    }

    fn command(&self, path: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new("curl");
        command
            .args(["--silent", "--show-error", "--max-time", "20", "--noproxy", "*"])
            .arg("--cookie")
            .arg(self.jar())
            .arg("--cookie-jar")
            .arg(self.jar())
            .args(arguments)
            .arg(self.server.url(path));
        command
    }

    fn run(&self, path: &str, arguments: &[&str]) -> String {
        let output = self.command(path, arguments).output().expect("curl runs; `./test` installs it");
        assert!(output.status.success(), "curl {path}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Returns the token of the session in the jar.
    pub(crate) fn token(&self) -> String {
        let jar = fs::read_to_string(self.jar()).unwrap();
        let line = jar.lines().find(|line| line.contains("\tsession\t")).expect("the jar holds the cookie");
        line.rsplit('\t').next().unwrap().to_owned()
    }
}

pub(crate) struct Reply {
    pub(crate) status: u16,
    /// The lines.
    headers: String,
    pub(crate) body: String,
}

impl Reply {
    /// Returns the number of cookies that the response sets.
    pub(crate) fn set_cookies(&self) -> usize {
        self.headers("set-cookie").len()
    }

    /// Returns where the response redirects to.
    #[track_caller]
    pub(crate) fn location(&self) -> &str {
        assert_eq!(self.status, 303, "{}", self.body);
        self.headers("location")[0]
    }

    /// Returns the first value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers(name).first().copied()
    }

    /// Returns the values of a header.
    pub(crate) fn headers(&self, name: &str) -> Vec<&str> {
        let headers = self.headers.lines().filter_map(|line| line.split_once(':'));
        headers.filter(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim()).collect()
    }
}
