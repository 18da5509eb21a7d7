//! What the server page says about figures. No component here, so that it can be tested.

use console_api::{Counts, LimitUse, Retention, ServerStatus};

/// Share of a bound from which on it is worth a look.
const HIGH_PERCENT: f64 = 80.0;

/// Addresses to type into devices; the one that the server listens on when it knows no better. None where it manages no
/// devices.
pub(crate) fn addresses(server: &ServerStatus) -> Vec<String> {
    let own = Some(server.coap.clone()).filter(|address| !address.is_empty());
    if server.uris.is_empty() { own.into_iter().collect() } else { server.uris.clone() }
}

/// Addresses of the Bootstrap-Server; none where that role is off.
pub(crate) fn bootstrap_addresses(server: &ServerStatus) -> Vec<String> {
    [&server.bootstrap_coap, &server.bootstrap_coaps].into_iter().flatten().cloned().collect()
}

/// From where an address can be reached, as far as it tells.
pub(crate) fn reach(address: &str) -> &'static str {
    let host = address.split_once("://").map_or(address, |(_, rest)| rest);
    if host.starts_with("127.") || host.starts_with("[::1]") || host.starts_with("localhost") {
        "from this machine only"
    } else if host.starts_with("[fe80:") || host.starts_with("169.254.") {
        "from the same link only"
    } else {
        ""
    }
}

/// Name, number and percentage of each state. The name is also that of its colour.
pub(crate) fn shares(counts: Counts) -> [(&'static str, usize, f64); 4] {
    let Counts { awake, asleep, expired, deregistered } = counts;
    let all = (awake + asleep + expired + deregistered).max(1) as f64;
    [("awake", awake), ("asleep", asleep), ("expired", expired), ("de-registered", deregistered)]
        .map(|(name, count)| (name, count, count as f64 * 100.0 / all))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pressure {
    Low,
    High,
    Full,
}

pub(crate) fn percent(limit: &LimitUse) -> f64 {
    if limit.limit == 0 { 100.0 } else { (limit.used as f64 * 100.0 / limit.limit as f64).min(100.0) }
}

pub(crate) fn pressure(limit: &LimitUse) -> Pressure {
    match percent(limit) {
        full if full >= 100.0 => Pressure::Full,
        high if high >= HIGH_PERCENT => Pressure::High,
        _ => Pressure::Low,
    }
}

/// Sizes on the disk are told in these.
pub(crate) const GIGABYTE: f64 = 1e9;

/// What is typed about how much of the past is kept. Otherwise what was expected.
pub(crate) fn retention(days: &str, gigabytes: &str) -> Result<Retention, String> {
    let days = days.trim().parse().ok().filter(|days| *days > 0);
    let gigabytes = gigabytes.trim().parse().ok().filter(|size: &f64| size.is_finite() && *size > 0.0);
    match (days, gigabytes) {
        (Some(days), Some(gigabytes)) => Ok(Retention { days, bytes: (gigabytes * GIGABYTE) as u64 }),
        (None, _) => Err("Expected a number of days, at least 1".to_owned()),
        (_, None) => Err("Expected a size in GB, more than 0".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retention_is_read_with_care() {
        assert_eq!(retention(" 30", "0.5 "), Ok(Retention { days: 30, bytes: 500_000_000 }));
        for (days, gigabytes) in [("0", "1"), ("x", "1"), ("1", "0"), ("1", "NaN"), ("1", "")] {
            assert!(retention(days, gigabytes).is_err(), "{days} {gigabytes}");
        }
    }

    #[test]
    fn addresses_say_from_where_they_are_reached() {
        let server = ServerStatus { coap: "coap://0.0.0.0:5683".into(), ..ServerStatus::default() };
        assert_eq!(addresses(&server), ["coap://0.0.0.0:5683"]);
        let uris = vec!["coap://192.0.2.7:5683".to_owned()];
        assert_eq!(addresses(&ServerStatus { uris: uris.clone(), ..server }), uris);
        for (address, expected) in [
            ("coap://127.0.0.1:5683", "from this machine only"),
            ("coap://[::1]:5683", "from this machine only"),
            ("coap://[fe80::1%eth0]:5683", "from the same link only"),
            ("coap://192.0.2.7:5683", ""),
        ] {
            assert_eq!(reach(address), expected, "{address}");
        }
    }

    #[test]
    fn shares_of_all_known() {
        let counts = Counts { awake: 6, asleep: 3, expired: 1, deregistered: 0 };
        assert_eq!(
            shares(counts),
            [("awake", 6, 60.0), ("asleep", 3, 30.0), ("expired", 1, 10.0), ("de-registered", 0, 0.0)]
        );
        assert!(shares(Counts::default()).iter().all(|(_, _, percent)| *percent == 0.0));
    }

    #[test]
    fn pressure_rises_to_the_bound() {
        let limit = |used, limit| LimitUse {
            name: "n".into(),
            title: "N".into(),
            used,
            limit,
            reached: 0,
            at_limit: String::new(),
        };
        assert_eq!(pressure(&limit(79, 100)), Pressure::Low);
        assert_eq!(pressure(&limit(80, 100)), Pressure::High);
        assert_eq!(pressure(&limit(100, 100)), Pressure::Full);
        assert_eq!((pressure(&limit(0, 0)), percent(&limit(300, 100))), (Pressure::Full, 100.0));
    }
}
