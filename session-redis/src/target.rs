//! Where a connection leads.

use std::io;
use std::sync::Arc;

use redis::aio::{MultiplexedConnection, SendError};
use redis::io::tcp::TcpSettings;
use redis::io::tcp::socket2::SockRef;
use redis::{
    AsyncConnectionConfig, Client, ConnectionAddr, ConnectionInfo, ProtocolVersion, PushInfo, PushKind,
    RedisConnectionInfo, RedisResult, Value,
};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
#[cfg(unix)]
use tokio::net::UnixStream;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::announced::{CHANNELS, Service};
use crate::failure::{Cause, Failure};
use crate::fold::Folding;
use crate::layout::bytes;
use crate::node::Wire;
use crate::pulse::Pulse;
use crate::sentinel::Sentinels;
use crate::settings::Settings;
use crate::version::check_version;

/// Where a connection leads.
pub(crate) enum Target {
    /// To this server.
    Fixed(ConnectionInfo),
    /// To the primary of the service that these sentinels watch.
    Primary {
        sentinels: Arc<Sentinels>,
        /// Who logs in there, and to which database.
        login: RedisConnectionInfo,
    },
    /// To the sentinel of this index, which announces what becomes of a service.
    Sentinel { server: ConnectionInfo, index: usize, service: Arc<Service> },
}

impl Target {
    pub(crate) async fn connect(&self, settings: &Settings) -> Result<Wire, Failure> {
        let connecting = async {
            match self {
                Self::Fixed(server) => open_checked(server.clone(), settings).await,
                Self::Primary { sentinels, login } => sentinels.connect(login, settings).await,
                Self::Sentinel { server, index, service } => {
                    let (service, index) = (Arc::clone(service), *index);
                    let hear = move |push: &PushInfo| service.hear(index, push);
                    let mut wire = open(server.clone(), settings, hear).await?;
                    // One that may not be listened to is asked now and then.
                    wire.connection.subscribe(&CHANNELS).await.ok();
                    Ok(wire)
                }
            }
        };
        let late = || Failure::Unsent(Cause::new("the server did not accept a connection in time"));
        timeout(settings.connect_timeout, connecting).await.unwrap_or_else(|_| Err(late()))
    }

    /// The host that is connected to, if it is known and there is one.
    pub(crate) fn host(&self) -> Option<&str> {
        match self {
            Self::Fixed(server) => match server.addr() {
                ConnectionAddr::Tcp(host, _) | ConnectionAddr::TcpTls { host, .. } => Some(host),
                _ => None,
            },
            Self::Primary { .. } | Self::Sentinel { .. } => None,
        }
    }
}

/// `server`, at another address of the same kind.
pub(crate) fn at(server: &ConnectionInfo, host: &str, port: u16) -> ConnectionInfo {
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

/// Connects to a server that is to keep sessions, and checks that it can.
pub(crate) async fn open_checked(server: ConnectionInfo, settings: &Settings) -> Result<Wire, Failure> {
    let mut wire = open(server, settings, |_| ()).await?;
    check_version(&mut wire.connection).await.map_err(Failure::Outdated)?;
    Ok(wire)
}

/// Connects and logs in, in the version of the protocol that tells of a broken connection at once.
async fn open(
    server: ConnectionInfo,
    settings: &Settings,
    hear: impl Fn(&PushInfo) + Send + Sync + 'static,
) -> Result<Wire, Failure> {
    let login = server.redis_settings().clone().set_protocol(ProtocolVersion::RESP3).set_skip_set_lib_name();
    let pulse = Arc::new(Pulse::new(settings.response_timeout));
    let config = AsyncConnectionConfig::new()
        .set_connection_timeout(Some(settings.connect_timeout))
        .set_response_timeout(None)
        .set_push_sender(listening(Arc::clone(&pulse), hear));
    let (mut driver, calls) = (JoinSet::new(), Arc::new(()));
    let (held, received) = (Arc::clone(&calls), pulse.received());
    let connection = match server.addr() {
        ConnectionAddr::Tcp(host, port) => match tcp(host, *port, server.tcp_settings()).await {
            Ok(stream) => fold(Folding::new(stream, held, received), &login, config, &mut driver).await,
            Err(error) => Err(error.into()),
        },
        #[cfg(unix)]
        ConnectionAddr::Unix(path) => match UnixStream::connect(path).await {
            Ok(stream) => fold(Folding::new(stream, held, received), &login, config, &mut driver).await,
            Err(error) => Err(error.into()),
        },
        // Only the client knows how to use what was said of certificates.
        _ => {
            let tcp = server.tcp_settings().clone().set_nodelay(true);
            let server = server.set_redis_settings(login).set_tcp_settings(tcp);
            match Client::open(server) {
                Ok(client) => client.get_multiplexed_async_connection_with_config(&config).await,
                Err(error) => Err(error),
            }
        }
    };
    let connection = connection.map_err(|error| Failure::connecting(&error))?;
    let (watched, probe) = (Arc::clone(&pulse), connection.clone());
    driver.spawn(async move { watched.watch(probe).await });
    Ok(Wire { connection, pulse, _calls: calls, driver: Arc::new(driver) })
}

/// Closes a connection that broke, so that nothing more is sent over it, and passes on what the server says unasked.
fn listening(pulse: Arc<Pulse>, hear: impl Fn(&PushInfo)) -> impl Fn(PushInfo) -> Result<(), SendError> {
    move |push| {
        hear(&push);
        if push.kind == PushKind::Disconnection {
            pulse.close();
        }
        Ok(())
    }
}

/// Connects such that no command waits for the answer to another.
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

async fn fold<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(
    stream: Folding<S>,
    login: &RedisConnectionInfo,
    config: AsyncConnectionConfig,
    driver: &mut JoinSet<()>,
) -> RedisResult<MultiplexedConnection> {
    let connecting = MultiplexedConnection::new_with_config(login, stream, config);
    let (connection, driving) = connecting.await?;
    driver.spawn(driving);
    Ok(connection)
}

/// Whether a server says that it is a primary. One that may not tell its role is believed.
pub(crate) async fn is_primary(connection: &mut MultiplexedConnection) -> Result<bool, Failure> {
    let answer = connection.send_packed_command(&redis::cmd("ROLE")).await;
    match answer.and_then(Value::extract_error) {
        Ok(Value::Array(parts)) => Ok(parts.first().and_then(bytes) == Some(b"master")),
        Ok(_) => Ok(true),
        Err(error) => match Failure::of(&error) {
            Failure::Refused(..) => Ok(true),
            Failure::Lost(cause) => Err(Failure::Unsent(cause)),
            failure => Err(failure),
        },
    }
}
