//! Configuration of server addresses: URLs, login, database.

use redis::{ConnectionInfo, IntoConnectionInfo, RedisConnectionInfo};

/// Address of the servers that store the sessions: one server, a cluster, or a service monitored by sentinels.
///
/// URLs are `redis://user:password@host:port/database`, `rediss://…` for TLS (with the feature `tls`), or
/// `redis+unix:///path/to/socket`. Nothing is connected to before the first call of the store.
///
/// ```
/// use session_redis::Server;
///
/// let single = Server::url("redis://127.0.0.1:6379/0");
/// let cluster = Server::cluster(["redis://10.0.0.1:6379", "redis://10.0.0.2:6379"]);
/// let monitored = Server::sentinel("mymaster", ["redis://10.0.0.1:26379", "redis://10.0.0.2:26379"])
///     .login("app", "a long password");
/// ```
#[derive(Clone)]
pub struct Server {
    pub(crate) kind: Kind,
    login: Option<(String, String)>,
    database: Option<i64>,
}

#[derive(Clone)]
pub(crate) enum Kind {
    Single(Result<ConnectionInfo, ConfigError>),
    Cluster(Vec<Result<ConnectionInfo, ConfigError>>),
    Sentinel { service: String, sentinels: Vec<Result<ConnectionInfo, ConfigError>> },
}

/// An invalid setting of a store.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The text is not the URL of a server.
    #[error("not the URL of a server, write `redis://host:port`: {0}")]
    Url(String),
    /// The URL is `rediss://`, and the feature `tls` is not enabled.
    #[error(
        "`rediss://` needs TLS: enable the feature `tls` of `session-redis`, or `redis-tls` of `session`"
    )]
    Tls,
    /// The list of cluster nodes or sentinels is empty.
    #[error("the list of servers is empty: give the URL of at least one")]
    NoServer,
    /// The prefix is empty, too long, or contains invalid characters.
    #[error("not a prefix: use 1 to 128 visible ASCII characters without braces")]
    Prefix,
    /// A timeout is zero.
    #[error("a timeout is zero: give at least one millisecond")]
    Timeout,
}

impl Server {
    /// One server.
    pub fn url(url: impl AsRef<str>) -> Self {
        Self::new(Kind::Single(parse(url.as_ref())))
    }

    /// A cluster, whose other nodes are discovered from these. The login of the first one is used for all nodes.
    pub fn cluster<U: AsRef<str>>(urls: impl IntoIterator<Item = U>) -> Self {
        Self::new(Kind::Cluster(urls.into_iter().map(|url| parse(url.as_ref())).collect()))
    }

    /// The primary of a service that these sentinels monitor. It is reached with TLS if they are; set its login with
    /// [`login`](Server::login).
    ///
    /// Give all sentinels of the service: the one that leads a failover announces it before the others know.
    pub fn sentinel<U: AsRef<str>>(service: impl Into<String>, urls: impl IntoIterator<Item = U>) -> Self {
        let sentinels = urls.into_iter().map(|url| parse(url.as_ref())).collect();
        Self::new(Kind::Sentinel { service: service.into(), sentinels })
    }

    /// The server of a client of the crate `redis` (1.x), with its address, login and TLS settings.
    ///
    /// The store opens its own connections.
    #[expect(clippy::needless_pass_by_value, reason = "a client is passed by value, like a URL")]
    pub fn client(client: redis::Client) -> Self {
        Self::new(Kind::Single(Ok(client.get_connection_info().clone())))
    }

    /// Overrides the user and password of the URLs. Does not apply to sentinels.
    #[must_use]
    pub fn login(mut self, user: impl Into<String>, password: impl Into<String>) -> Self {
        self.login = Some((user.into(), password.into()));
        self
    }

    /// Overrides the database of the URLs. A cluster has one database only, 0.
    #[must_use]
    pub fn database(mut self, number: u32) -> Self {
        self.database = Some(number.into());
        self
    }

    fn new(kind: Kind) -> Self {
        Self { kind, login: None, database: None }
    }

    /// Applies the overrides of [`login`](Server::login) and [`database`](Server::database).
    pub(crate) fn override_login(&self, mut settings: RedisConnectionInfo) -> RedisConnectionInfo {
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
    /// Prints neither addresses nor passwords.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match &self.kind {
            Kind::Single(_) => "Server(single)",
            Kind::Cluster(_) => "Server(cluster)",
            Kind::Sentinel { .. } => "Server(sentinel)",
        })
    }
}

fn parse(url: &str) -> Result<ConnectionInfo, ConfigError> {
    let needs_tls = url.starts_with("rediss:") || url.starts_with("valkeys:");
    match url.into_connection_info() {
        Ok(server) if server.addr().is_supported() => Ok(server),
        _ if needs_tls && !cfg!(feature = "tls") => Err(ConfigError::Tls),
        Ok(_) => Err(ConfigError::Url("this kind of address is not supported on this system".to_owned())),
        Err(error) => Err(ConfigError::Url(error.to_string())),
    }
}
