//! Opens connections: TCP, TLS or a Unix socket, login, and the tasks that drive the connection.

use std::io;
use std::sync::Arc;

use redis::aio::{MultiplexedConnection, SendError};
use redis::io::tcp::TcpSettings;
use redis::io::tcp::socket2::SockRef;
use redis::{
    AsyncConnectionConfig, Client, ConnectionAddr, ConnectionInfo, ProtocolVersion, PushInfo, PushKind,
    RedisConnectionInfo, RedisResult, Value,
};
use session_core::BoxFuture;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
#[cfg(unix)]
use tokio::net::UnixStream;
use tokio::task::JoinSet;

use crate::client::failure::Failure;
use crate::client::liveness::Liveness;
use crate::client::reply::bytes;
use crate::client::settings::Settings;
use crate::client::stream::RespStream;
use crate::client::version::check_version;

/// The server that a [`Node`](crate::client::node::Node) connects to.
pub(crate) trait Target: Send + Sync {
    fn connect<'a>(&'a self, settings: &'a Settings) -> BoxFuture<'a, Result<Connection, Failure>>;

    /// The host name, if it is known before connecting.
    fn host(&self) -> Option<&str> {
        None
    }
}

/// A server at a fixed address.
pub(crate) struct FixedTarget(pub(crate) ConnectionInfo);

impl Target for FixedTarget {
    fn connect<'a>(&'a self, settings: &'a Settings) -> BoxFuture<'a, Result<Connection, Failure>> {
        Box::pin(open_checked(self.0.clone(), settings))
    }

    fn host(&self) -> Option<&str> {
        match self.0.addr() {
            ConnectionAddr::Tcp(host, _) | ConnectionAddr::TcpTls { host, .. } => Some(host),
            _ => None,
        }
    }
}

/// An open connection. Clones share it.
#[derive(Clone)]
pub(crate) struct Connection {
    pub(crate) multiplexed: MultiplexedConnection,
    pub(crate) liveness: Arc<Liveness>,
    /// Tasks that read, write and watch the connection. They end with its last clone.
    tasks: Arc<JoinSet<()>>,
}

impl Connection {
    /// Runs a task until the connection is dropped. Call it before the connection is cloned.
    pub(crate) fn attach(&mut self, task: impl Future<Output = ()> + Send + 'static) {
        if let Some(tasks) = Arc::get_mut(&mut self.tasks) {
            tasks.spawn(task);
        }
    }
}

/// Connects to a server that stores sessions, and checks its version.
pub(crate) async fn open_checked(server: ConnectionInfo, settings: &Settings) -> Result<Connection, Failure> {
    let mut connection = open(server, settings, |_| ()).await?;
    check_version(&mut connection.multiplexed).await.map_err(Failure::Unsupported)?;
    Ok(connection)
}

/// Connects and logs in. Uses RESP3, which reports a broken connection at once.
pub(crate) async fn open(
    server: ConnectionInfo,
    settings: &Settings,
    on_push: impl Fn(&PushInfo) + Send + Sync + 'static,
) -> Result<Connection, Failure> {
    let login = server.redis_settings().clone().set_protocol(ProtocolVersion::RESP3).set_skip_set_lib_name();
    let liveness = Arc::new(Liveness::new(settings.response_timeout));
    let config = AsyncConnectionConfig::new()
        .set_connection_timeout(Some(settings.connect_timeout))
        .set_response_timeout(None)
        .set_push_sender(push_sender(Arc::clone(&liveness), on_push));
    let (mut tasks, counters) = (JoinSet::new(), liveness.counters());
    let multiplexed = match server.addr() {
        ConnectionAddr::Tcp(host, port) => match tcp(host, *port, server.tcp_settings()).await {
            Ok(stream) => {
                multiplex(RespStream::new(stream, counters), &login, config, &liveness, &mut tasks).await
            }
            Err(error) => Err(error.into()),
        },
        #[cfg(unix)]
        ConnectionAddr::Unix(path) => match UnixStream::connect(path).await {
            Ok(stream) => {
                multiplex(RespStream::new(stream, counters), &login, config, &liveness, &mut tasks).await
            }
            Err(error) => Err(error.into()),
        },
        // TLS: certificate settings are private to redis-rs, so it creates the stream, without an adapter around it.
        _ => {
            let tcp = server.tcp_settings().clone().set_nodelay(true);
            let server = server.set_redis_settings(login).set_tcp_settings(tcp);
            match Client::open(server) {
                Ok(client) => client.get_multiplexed_async_connection_with_config(&config).await,
                Err(error) => Err(error),
            }
        }
    };
    let multiplexed = multiplexed.map_err(|error| Failure::classify_connecting(&error))?;
    let (watched, probe) = (Arc::clone(&liveness), multiplexed.clone());
    tasks.spawn(async move { watched.watch(probe).await });
    Ok(Connection { multiplexed, liveness, tasks: Arc::new(tasks) })
}

/// Passes push messages on, and closes a connection that broke, so that nothing more is sent over it.
fn push_sender(
    liveness: Arc<Liveness>,
    on_push: impl Fn(&PushInfo),
) -> impl Fn(PushInfo) -> Result<(), SendError> {
    move |push| {
        on_push(&push);
        if push.kind == PushKind::Disconnection {
            liveness.mark_broken();
        }
        Ok(())
    }
}

/// Connects without Nagle's algorithm, which would delay a command until the reply to the previous one.
async fn tcp(host: &str, port: u16, settings: &TcpSettings) -> io::Result<TcpStream> {
    let stream = TcpStream::connect((host, port)).await?;
    stream.set_nodelay(true)?;
    let socket = SockRef::from(&stream);
    if let Some(keepalive) = settings.keepalive() {
        socket.set_tcp_keepalive(keepalive)?;
    }
    #[cfg(target_os = "linux")]
    socket.set_tcp_user_timeout(settings.user_timeout())?;
    Ok(stream)
}

async fn multiplex<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(
    stream: RespStream<S>,
    login: &RedisConnectionInfo,
    config: AsyncConnectionConfig,
    liveness: &Arc<Liveness>,
    tasks: &mut JoinSet<()>,
) -> RedisResult<MultiplexedConnection> {
    let connecting = MultiplexedConnection::new_with_config(login, stream, config);
    let (connection, driver) = connecting.await?;
    let liveness = Arc::clone(liveness);
    tasks.spawn(async move {
        driver.await;
        liveness.mark_broken();
    });
    Ok(connection)
}

/// `server` with another host and port, and the same kind of address, TLS settings and login.
pub(crate) fn with_address(server: &ConnectionInfo, host: &str, port: u16) -> ConnectionInfo {
    let addr = match server.addr() {
        ConnectionAddr::TcpTls { insecure, tls_params, .. } => ConnectionAddr::TcpTls {
            host: host.to_owned(),
            port,
            insecure: *insecure,
            tls_params: tls_params.clone(),
        },
        ConnectionAddr::Tcp(..) | ConnectionAddr::Unix(_) | _ => ConnectionAddr::Tcp(host.to_owned(), port),
    };
    server.clone().set_addr(addr)
}

/// Whether a server reports the role of a primary. A server whose ACL forbids `ROLE` is assumed to be one.
pub(crate) async fn is_primary(connection: &mut MultiplexedConnection) -> Result<bool, Failure> {
    let reply = connection.send_packed_command(&redis::cmd("ROLE")).await;
    match reply.and_then(Value::extract_error) {
        Ok(Value::Array(parts)) => Ok(parts.first().and_then(bytes) == Some(b"master")),
        Ok(_) => Ok(true),
        Err(error) => match Failure::classify(&error) {
            Failure::Refused(..) => Ok(true),
            Failure::ConnectionLost(cause) => Err(Failure::NotSent(cause)),
            failure => Err(failure),
        },
    }
}

/// Installs a cryptography provider for TLS unless the application has installed one. Without this, `rustls` panics on
/// its first connection if another crate enables a second provider.
#[cfg(feature = "tls")]
pub(crate) fn install_crypto_provider() {
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        rustls::crypto::ring::default_provider().install_default().ok();
    }
}
