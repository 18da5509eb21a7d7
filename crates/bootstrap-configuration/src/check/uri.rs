//! Server URIs (`/0/x/0`): `coaps://host:port`.

use core::net::{Ipv4Addr, Ipv6Addr};

/// The schemes of transports that have a security mode, and whether they need one.
const SCHEMES: [(&str, bool); 4] =
    [("coap", false), ("coaps", true), ("coap+tcp", false), ("coaps+tcp", true)];

/// Whether a server at this URI is spoken to with security.
///
/// # Errors
/// What is expected instead.
pub(super) fn is_secure(uri: &str) -> Result<bool, &'static str> {
    let form = "coaps://host:port or coap://host:port";
    let (scheme, rest) = uri.split_once("://").ok_or(form)?;
    let known = SCHEMES.iter().find(|(known, _)| known.eq_ignore_ascii_case(scheme));
    let (_, secure) = known.ok_or("one of the schemes coap, coaps, coap+tcp and coaps+tcp")?;
    let authority = rest.strip_suffix('/').unwrap_or(rest);
    if authority.contains(['/', '?', '#']) {
        return Err("host and port only, as the path belongs to the requests");
    }
    if authority.contains('@') {
        return Err("host and port only, as nobody is named in the URI");
    }
    let (host, port) = split(authority).ok_or(form)?;
    if let Some(port) = port
        && (!port.bytes().all(|byte| byte.is_ascii_digit()) || port.parse::<u16>().unwrap_or(0) == 0)
    {
        return Err("a port from 1 to 65535");
    }
    if is_host(host) { Ok(*secure) } else { Err("a host name or an IP address, IPv6 in brackets") }
}

fn split(authority: &str) -> Option<(&str, Option<&str>)> {
    let end = match authority.strip_prefix('[') {
        Some(rest) => rest.find(']')? + 2,
        None => authority.find(':').unwrap_or(authority.len()),
    };
    let (host, port) = authority.split_at_checked(end)?;
    match port {
        "" => Some((host, None)),
        port => Some((host, Some(port.strip_prefix(':')?))),
    }
}

fn is_host(host: &str) -> bool {
    if let Some(address) = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        return address.parse::<Ipv6Addr>().is_ok();
    }
    let numeric = host.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    if numeric {
        return host.parse::<Ipv4Addr>().is_ok();
    }
    let label = |label: &str| {
        let legal = label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
        (1..=63).contains(&label.len()) && legal && !label.starts_with('-') && !label.ends_with('-')
    };
    host.strip_suffix('.').unwrap_or(host).split('.').all(label)
}

#[cfg(test)]
mod tests {
    use super::is_secure;

    #[test]
    fn schemes_say_whether_there_is_security() {
        for (uri, secure) in [
            ("coaps://lwm2m.example.com:5684", true),
            ("coap://lwm2m.example.com", false),
            ("COAPS://[2001:db8::1]:5684/", true),
            ("coap://[::1]", false),
            ("coaps+tcp://10.0.0.1:5684", true),
            ("coap+tcp://a_b-c.d.", false),
        ] {
            assert_eq!(is_secure(uri), Ok(secure), "{uri}");
        }
    }

    #[test]
    fn what_is_none_is_refused() {
        for uri in [
            "",
            "coap",
            "coap:",
            "coap:/a",
            "coap://",
            "http://a",
            "mqtt://a",
            "coap://:5683",
            "coap://a:",
            "coap://a:0",
            "coap://a:65536",
            "coap://a:+1",
            "coap://a:b",
            "coap://a/b",
            "coap://a?b",
            "coap://u@a",
            "coap://a b",
            "coap://[::1",
            "coap://[::1]x",
            "coap://::1",
            "coap://[a]",
            "coap://1.2.3",
            "coap://1.2.3.256",
            "coap://-a",
            "coap://a..b",
            "coap://ä",
            "coaps//a",
            "://a",
        ] {
            assert!(is_secure(uri).is_err(), "{uri}");
        }
    }
}
