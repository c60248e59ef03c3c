//! Where a connection leads.

use std::io;
use std::sync::Arc;

use redis::aio::{MultiplexedConnection, SendError};
use redis::io::tcp::TcpSettings;
use redis::io::tcp::socket2::SockRef;
use redis::{
    AsyncConnectionConfig, Client, Cmd, ConnectionAddr, ConnectionInfo, ProtocolVersion, PushInfo, PushKind,
    RedisConnectionInfo, RedisResult, Value,
};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
#[cfg(unix)]
use tokio::net::UnixStream;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::failure::{Cause, Failure};
use crate::fold::Folding;
use crate::layout::bytes;
use crate::node::Wire;
use crate::pulse::Pulse;
use crate::settings::Settings;
use crate::version::check_version;

/// Where a connection leads.
pub(crate) enum Target {
    /// To this server.
    Fixed(ConnectionInfo),
    /// To the server that these sentinels call the master of a service.
    Sentinel {
        sentinels: Vec<ConnectionInfo>,
        service: String,
        /// Who logs in there, and to which database.
        login: RedisConnectionInfo,
    },
}

impl Target {
    pub(crate) async fn connect(&self, settings: &Settings) -> Result<Wire, Failure> {
        let connecting = async {
            match self {
                Self::Fixed(server) => open_checked(server.clone(), settings).await,
                Self::Sentinel { sentinels, service, login } => {
                    let master = find_master(sentinels, service, settings).await?;
                    let mut wire = open_checked(master.set_redis_settings(login.clone()), settings).await?;
                    check_role(&mut wire.connection).await?;
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
            Self::Sentinel { .. } => None,
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
async fn open_checked(server: ConnectionInfo, settings: &Settings) -> Result<Wire, Failure> {
    let mut wire = open(server, settings).await?;
    check_version(&mut wire.connection).await.map_err(Failure::Outdated)?;
    Ok(wire)
}

/// Connects and logs in, in the version of the protocol that tells of a broken connection at once.
async fn open(server: ConnectionInfo, settings: &Settings) -> Result<Wire, Failure> {
    let login = server.redis_settings().clone().set_protocol(ProtocolVersion::RESP3).set_skip_set_lib_name();
    let pulse = Arc::new(Pulse::new(settings.response_timeout));
    let config = AsyncConnectionConfig::new()
        .set_connection_timeout(Some(settings.connect_timeout))
        .set_response_timeout(None)
        .set_push_sender(closing(Arc::clone(&pulse)));
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
    Ok(Wire { connection, pulse, _calls: calls, _driver: Arc::new(driver) })
}

/// Closes a connection that broke, so that nothing more is sent over it.
fn closing(pulse: Arc<Pulse>) -> impl Fn(PushInfo) -> Result<(), SendError> {
    move |push| {
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

/// Asks the sentinels in turn; the first that knows the master is believed.
async fn find_master(
    sentinels: &[ConnectionInfo],
    service: &str,
    settings: &Settings,
) -> Result<ConnectionInfo, Failure> {
    let count = u32::try_from(sentinels.len()).unwrap_or(u32::MAX).max(1);
    let patience = settings.connect_timeout / count;
    let mut failure = Failure::Unsent(Cause::new("no sentinel knows a master of this service"));
    for sentinel in sentinels {
        let asking = async {
            let mut wire = open(sentinel.clone(), settings).await?;
            let mut question = redis::cmd("SENTINEL");
            question.arg("GET-MASTER-ADDR-BY-NAME").arg(service);
            ask(&mut wire.connection, &question).await
        };
        match timeout(patience, asking).await {
            Ok(Ok(answer)) => {
                if let Some((host, port)) = address(&answer) {
                    return Ok(at(sentinel, host, port));
                }
            }
            Ok(Err(why)) => failure = why,
            Err(_) => failure = Failure::Unsent(Cause::new("a sentinel did not answer in time")),
        }
    }
    Err(failure)
}

fn address(answer: &Value) -> Option<(&str, u16)> {
    let Value::Array(parts) = answer else { return None };
    let [host, port] = parts.as_slice() else { return None };
    Some((str::from_utf8(bytes(host)?).ok()?, str::from_utf8(bytes(port)?).ok()?.parse().ok()?))
}

/// During a failover sentinels name the old master for a while. A server that may not tell its role is believed.
async fn check_role(connection: &mut MultiplexedConnection) -> Result<(), Failure> {
    match ask(connection, &redis::cmd("ROLE")).await {
        Ok(Value::Array(parts)) if parts.first().and_then(bytes) != Some(b"master") => {
            Err(Failure::Unsent(Cause::new("the server is not a master yet, or not any more")))
        }
        Ok(_) | Err(Failure::Refused(..)) => Ok(()),
        Err(failure) => Err(failure),
    }
}

async fn ask(connection: &mut MultiplexedConnection, question: &Cmd) -> Result<Value, Failure> {
    let answer = connection.send_packed_command(question).await;
    answer.and_then(Value::extract_error).map_err(|error| match Failure::of(&error) {
        Failure::Lost(cause) => Failure::Unsent(cause),
        failure => failure,
    })
}
