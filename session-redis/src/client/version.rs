//! Minimum version of a server, checked when a connection is made.

use redis::Value;
use redis::aio::MultiplexedConnection;

use crate::client::reply::bytes;
use crate::client::resp::bulk_string;

/// The first major version in which scripts can check permissions (`redis.acl_check_cmd`).
const MINIMUM: u32 = 7;

/// The server is older than Redis 7.0. Its scripts lack functions that the store depends on.
///
/// The version is checked on the first connection to each server. Every call then fails with
/// [`StoreError::Unavailable`](session_core::StoreError::Unavailable), whose source is this error.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the server is version {found}, sessions need Redis 7.0 or later, or Valkey: upgrade the server")]
#[non_exhaustive]
pub struct UnsupportedVersion {
    /// The version that the server reports.
    pub found: String,
}

impl UnsupportedVersion {
    /// A server that does not support `HELLO`, the start of a RESP3 connection.
    pub(crate) fn without_hello() -> Self {
        Self { found: "5 or earlier".to_owned() }
    }
}

/// Checks the version in the reply to `HELLO`. A server that reports none is accepted.
pub(crate) async fn check_version(connection: &mut MultiplexedConnection) -> Result<(), UnsupportedVersion> {
    let Ok(hello) = connection.send_packed_command(&redis::cmd("HELLO")).await else { return Ok(()) };
    let version = match &hello {
        Value::BulkString(map) => bulk_string(map, "version"),
        Value::Map(pairs) => {
            let version = |name: &Value| bytes(name) == Some(b"version");
            pairs.iter().find_map(|(name, value)| version(name).then(|| bytes(value)).flatten())
        }
        _ => None,
    };
    version.and_then(|version| str::from_utf8(version).ok()).map_or(Ok(()), check)
}

fn check(version: &str) -> Result<(), UnsupportedVersion> {
    let numbers: String = version.chars().take_while(|part| part.is_ascii_digit() || *part == '.').collect();
    let major = numbers.split('.').next().and_then(|major| major.parse::<u32>().ok());
    if major.is_some_and(|major| major < MINIMUM) {
        Err(UnsupportedVersion { found: numbers })
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_before_7_are_refused_by_the_version_that_they_report() {
        for old in ["6.2.14", "6.0.0", "5.0.7", "6.2.0-rc1", "6"] {
            let refused = check(old).unwrap_err();
            assert!(refused.to_string().contains(&refused.found) && refused.to_string().contains("7.0"));
            assert!(old.starts_with(&refused.found));
        }
        for other in ["7.0.0", "7.2.4", "8.1.0", "10.0", "255.255.255", "", "unstable"] {
            assert_eq!(check(other), Ok(()));
        }
    }
}
