//! The version of a server.

use redis::Value;
use redis::aio::MultiplexedConnection;

use crate::answer::text_of;
use crate::layout::bytes;

/// The first major version that has what the scripts need.
const NEEDED: u32 = 7;

/// The server is older than Redis 7.0, so that its scripts cannot keep what the store promises.
///
/// Found out at the first connection to each server; every call then fails with
/// [`StoreError::Unavailable`](session_core::StoreError::Unavailable), of which this is the source.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the server is version {found}, sessions need Redis 7.0 or later, or Valkey: upgrade the server")]
#[non_exhaustive]
pub struct UnsupportedVersion {
    /// The version that the server says it is.
    pub found: String,
}

impl UnsupportedVersion {
    /// A server that does not know how to begin a connection in the current version of the protocol.
    pub(crate) fn without_hello() -> Self {
        Self { found: "5 or earlier".to_owned() }
    }
}

/// Checks what the server says in its greeting. One that does not say is not refused.
pub(crate) async fn check_version(connection: &mut MultiplexedConnection) -> Result<(), UnsupportedVersion> {
    let Ok(greeting) = connection.send_packed_command(&redis::cmd("HELLO")).await else { return Ok(()) };
    let version = match &greeting {
        Value::BulkString(map) => text_of(map, "version"),
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
    if major.is_some_and(|major| major < NEEDED) {
        Err(UnsupportedVersion { found: numbers })
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_before_7_are_refused_by_the_version_that_they_say() {
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
