//! A Redis server with TLS.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::RedisServer;
use crate::process::free_port;

impl RedisServer {
    /// Starts a server that also listens with TLS, with a self-signed certificate for `localhost`.
    ///
    /// # Panics
    ///
    /// When there is no `openssl` or no `redis-server` built with TLS.
    pub fn with_tls() -> Self {
        let mut server = Self::start();
        let (key, certificate) = (server.dir.path().join("key.pem"), server.certificate());
        let made = Command::new("openssl")
            .args([
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:P-256",
                "-nodes",
                "-days",
                "2",
            ])
            .args(["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"])
            .args(["-addext", "basicConstraints=critical,CA:FALSE"])
            .arg("-keyout")
            .arg(&key)
            .arg("-out")
            .arg(&certificate)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        assert!(
            made.is_ok_and(|made| made.success()),
            "`openssl` cannot make a certificate, is it installed?"
        );
        let path = |path: PathBuf| path.display().to_string();
        for (name, value) in [
            ("--tls-port", free_port().to_string()),
            ("--tls-cert-file", path(certificate)),
            ("--tls-key-file", path(key)),
            ("--tls-auth-clients", "no".to_owned()),
        ] {
            server.settings.extend([name.to_owned(), value]);
        }
        server.restart();
        server
    }

    /// Returns the path of the certificate.
    pub fn certificate(&self) -> PathBuf {
        self.dir.path().join("certificate.pem")
    }

    /// Returns the URL of the TLS port.
    ///
    /// # Panics
    ///
    /// When it has none.
    pub fn tls_url(&self) -> String {
        let port = self.call(&["CONFIG", "GET", "tls-port"]).texts().remove(1);
        format!("rediss://localhost:{port}")
    }
}
