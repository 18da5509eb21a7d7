use std::{
    net::{IpAddr, SocketAddr, ToSocketAddrs},
    str::FromStr,
};

use anyhow::{Context, bail};
use serde::Deserialize;

/// Host and port of a `coap://` or `coaps://` URI (RFC 7252 §6.1, §6.2).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct ServerAddress {
    secure: bool,
    host: String,
    port: u16,
}

const DEFAULT_PORT: u16 = 5683;
const DEFAULT_SECURE_PORT: u16 = 5684;

impl FromStr for ServerAddress {
    type Err = String;

    fn from_str(uri: &str) -> Result<Self, String> {
        let expected = "expected coap://HOST, coap://HOST:PORT, or the same with coaps";
        let Some((scheme, rest)) = uri.split_once("://") else { return Err(expected.to_owned()) };
        let secure = scheme.eq_ignore_ascii_case("coaps");
        if !secure && !scheme.eq_ignore_ascii_case("coap") {
            return Err(format!("{expected}, got the scheme {scheme}, which the simulator does not speak"));
        }
        let authority = rest.strip_suffix('/').unwrap_or(rest);
        if authority.contains(['/', '?', '#', '@']) {
            return Err(format!("{expected} without path, query or user, got {rest}"));
        }
        // An IPv6 address stands in brackets, so that its colons are not taken for the one before the port.
        let (host, port) = match authority.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            Some((address, "")) => (address, None),
            Some((address, rest)) => (address, Some(rest.strip_prefix(':').ok_or(expected)?)),
            None => match authority.rsplit_once(':') {
                Some((host, port)) => (host, Some(port)),
                None => (authority, None),
            },
        };
        if host.is_empty() {
            return Err(format!("{expected}, got no host"));
        }
        let port = match port {
            None if secure => DEFAULT_SECURE_PORT,
            None => DEFAULT_PORT,
            Some(port) => match port.parse() {
                Ok(port) if port != 0 => port,
                _ => return Err(format!("expected a port of 1 to 65535, got {port:?}")),
            },
        };
        Ok(Self { secure, host: host.to_owned(), port })
    }
}

impl TryFrom<String> for ServerAddress {
    type Error = String;

    fn try_from(uri: String) -> Result<Self, String> {
        uri.parse()
    }
}

impl std::fmt::Display for ServerAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let scheme = if self.secure { "coaps" } else { "coap" };
        if self.host.contains(':') {
            return write!(f, "{scheme}://[{}]:{}", self.host, self.port);
        }
        write!(f, "{scheme}://{}:{}", self.host, self.port)
    }
}

impl ServerAddress {
    pub(crate) const fn is_secure(&self) -> bool {
        self.secure
    }

    /// The host as it was given, unless that is an address: what a server's certificate is made out for.
    pub(crate) fn name(&self) -> Option<&str> {
        self.host.parse::<IpAddr>().is_err().then_some(&self.host)
    }

    /// Looks the host up. IPv4 goes first: a server on `localhost` seldom listens on `::1` only.
    pub(crate) fn resolve(&self) -> anyhow::Result<SocketAddr> {
        let addresses = (self.host.as_str(), self.port).to_socket_addrs();
        let mut addresses: Vec<SocketAddr> =
            addresses.with_context(|| format!("cannot look up {:?}", self.host))?.collect();
        addresses.sort_by_key(|address| !address.is_ipv4());
        match addresses.first() {
            Some(address) => Ok(*address),
            None => bail!("{:?} has no address", self.host),
        }
    }

    /// The address, where the host is one.
    pub(crate) fn without_lookup(&self) -> Option<SocketAddr> {
        let host = if self.host == "localhost" { "127.0.0.1" } else { &self.host };
        let address: IpAddr = host.parse().ok()?;
        Some(SocketAddr::new(address, self.port))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_and_port_are_told_apart() {
        for (uri, shown) in [
            ("coap://127.0.0.1:5683", "coap://127.0.0.1:5683"),
            ("coap://localhost", "coap://localhost:5683"),
            ("COAP://example.org:1234/", "coap://example.org:1234"),
            ("coap://[::1]:7000", "coap://[::1]:7000"),
            ("coap://[fd00::5]", "coap://[fd00::5]:5683"),
            ("coaps://example.org", "coaps://example.org:5684"),
            ("coaps://[::1]:7000", "coaps://[::1]:7000"),
        ] {
            assert_eq!(uri.parse::<ServerAddress>().unwrap().to_string(), shown);
        }
    }

    #[test]
    fn everything_else_is_refused() {
        for uri in [
            "127.0.0.1:5683",
            "coap+tcp://127.0.0.1",
            "coap://",
            "coap://:5683",
            "coap://host:0",
            "coap://host:port",
            "coap://host/rd",
            "coap://[::1]5683",
        ] {
            assert!(uri.parse::<ServerAddress>().is_err(), "{uri}");
        }
    }
}
