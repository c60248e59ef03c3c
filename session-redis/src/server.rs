//! Where sessions are kept.

use std::sync::Arc;

use redis::{ConnectionInfo, IntoConnectionInfo, RedisConnectionInfo};

use crate::cluster::Cluster;
use crate::node::Node;
use crate::sentinel::Sentinels;
use crate::servers::Topology;
use crate::settings::Settings;
use crate::target::Target;

/// Where sessions are kept: one server, a cluster, or what sentinels watch over.
///
/// URLs are `redis://user:password@host:port/database`, `rediss://…` for TLS (with the feature `tls`), or
/// `redis+unix:///path/to/socket`. Nothing is connected to before the first call of the store.
///
/// ```
/// use session_redis::Server;
///
/// let alone = Server::url("redis://127.0.0.1:6379/0");
/// let cluster = Server::cluster(["redis://10.0.0.1:6379", "redis://10.0.0.2:6379"]);
/// let watched = Server::sentinel("mymaster", ["redis://10.0.0.1:26379", "redis://10.0.0.2:26379"])
///     .login("app", "a long password");
/// ```
#[derive(Clone)]
pub struct Server {
    kind: Kind,
    login: Option<(String, String)>,
    database: Option<i64>,
}

#[derive(Clone)]
enum Kind {
    One(Result<ConnectionInfo, ConfigError>),
    Cluster(Vec<Result<ConnectionInfo, ConfigError>>),
    Sentinel { service: String, sentinels: Vec<Result<ConnectionInfo, ConfigError>> },
}

/// The settings of a store cannot work.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The text is no URL of a server.
    #[error("not the URL of a server, write `redis://host:port`: {0}")]
    Url(String),
    /// The URL is `rediss://`, and TLS was left out of the build.
    #[error(
        "`rediss://` needs TLS: turn on the feature `tls` of `session-redis`, or `redis-tls` of `session`"
    )]
    Tls,
    /// A cluster or a service of sentinels was named without a single address.
    #[error("no server was named: give the URL of at least one")]
    NoServer,
    /// The prefix would not set this store's keys apart.
    #[error("not a prefix: write 1 to 128 visible ASCII characters without braces")]
    Prefix,
    /// A timeout is zero.
    #[error("a timeout of zero leaves no time for anything: give at least a millisecond")]
    Timeout,
}

impl Server {
    /// One server.
    pub fn url(url: impl AsRef<str>) -> Self {
        Self::new(Kind::One(parse(url.as_ref())))
    }

    /// A cluster, of which these servers are asked for the others. All are logged in to as the first one.
    pub fn cluster<U: AsRef<str>>(urls: impl IntoIterator<Item = U>) -> Self {
        Self::new(Kind::Cluster(urls.into_iter().map(|url| parse(url.as_ref())).collect()))
    }

    /// The primary of a service, as these sentinels name it. It is reached with TLS if they are; how to log in
    /// to it, [`login`](Server::login) says.
    ///
    /// Name all sentinels of the service: the one that leads a failover announces it before the others know.
    pub fn sentinel<U: AsRef<str>>(service: impl Into<String>, urls: impl IntoIterator<Item = U>) -> Self {
        let sentinels = urls.into_iter().map(|url| parse(url.as_ref())).collect();
        Self::new(Kind::Sentinel { service: service.into(), sentinels })
    }

    /// The server that a client of the crate `redis` (1.x) was made for, with its address, login and TLS settings.
    ///
    /// The store makes a connection of its own.
    #[expect(clippy::needless_pass_by_value, reason = "a client is given away, as a URL is")]
    pub fn client(client: redis::Client) -> Self {
        Self::new(Kind::One(Ok(client.get_connection_info().clone())))
    }

    /// Logs in to the servers as this user, whatever their URLs say; sentinels as their URLs say.
    #[must_use]
    pub fn login(mut self, user: impl Into<String>, password: impl Into<String>) -> Self {
        self.login = Some((user.into(), password.into()));
        self
    }

    /// Uses this database, whatever the URLs say. A cluster has one only, 0.
    #[must_use]
    pub fn database(mut self, number: u32) -> Self {
        self.database = Some(number.into());
        self
    }

    fn new(kind: Kind) -> Self {
        Self { kind, login: None, database: None }
    }

    pub(crate) fn topology(self, settings: &Arc<Settings>) -> Result<Topology, ConfigError> {
        let adjust = |server: ConnectionInfo| {
            let login = self.adjust(server.redis_settings().clone());
            server.set_redis_settings(login)
        };
        #[cfg(feature = "tls")]
        choose_cryptography();
        let node = |target| Topology::One(Node::new(target, settings));
        Ok(match &self.kind {
            Kind::One(server) => node(Target::Fixed(adjust(server.clone()?))),
            Kind::Cluster(seeds) => {
                let seeds = all(seeds)?.into_iter().map(adjust).collect();
                Topology::Cluster(Cluster::new(seeds, Arc::clone(settings)))
            }
            Kind::Sentinel { service, sentinels } => {
                let login = self.adjust(RedisConnectionInfo::default());
                let sentinels = Sentinels::new(service.clone(), all(sentinels)?, settings);
                node(Target::Primary { sentinels, login })
            }
        })
    }

    fn adjust(&self, mut settings: RedisConnectionInfo) -> RedisConnectionInfo {
        if let Some((user, password)) = &self.login {
            settings = settings.set_username(user).set_password(password);
        }
        match self.database {
            Some(number) => settings.set_db(number),
            None => settings,
        }
    }
}

impl From<&str> for Server {
    fn from(url: &str) -> Self {
        Self::url(url)
    }
}

impl From<String> for Server {
    fn from(url: String) -> Self {
        Self::url(url)
    }
}

impl std::fmt::Debug for Server {
    /// Shows no addresses and no passwords.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match &self.kind {
            Kind::One(_) => "Server(one)",
            Kind::Cluster(_) => "Server(cluster)",
            Kind::Sentinel { .. } => "Server(sentinel)",
        })
    }
}

/// Without a choice `rustls` panics on its first connection, when another crate turns on a second implementation. What
/// the application chose stands.
#[cfg(feature = "tls")]
fn choose_cryptography() {
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        rustls::crypto::ring::default_provider().install_default().ok();
    }
}

fn parse(url: &str) -> Result<ConnectionInfo, ConfigError> {
    let asks_for_tls = url.starts_with("rediss:") || url.starts_with("valkeys:");
    match url.into_connection_info() {
        Ok(server) if server.addr().is_supported() => Ok(server),
        _ if asks_for_tls && !cfg!(feature = "tls") => Err(ConfigError::Tls),
        Ok(_) => Err(ConfigError::Url("its kind of address is not supported on this system".to_owned())),
        Err(error) => Err(ConfigError::Url(error.to_string())),
    }
}

fn all(servers: &[Result<ConnectionInfo, ConfigError>]) -> Result<Vec<ConnectionInfo>, ConfigError> {
    if servers.is_empty() {
        return Err(ConfigError::NoServer);
    }
    servers.iter().cloned().collect()
}
