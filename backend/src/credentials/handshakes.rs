use std::{
    collections::VecDeque,
    net::SocketAddr,
    sync::{Mutex, PoisonError},
};

use credentials::Server;

use super::told_server;

/// Failed handshakes that are remembered, those of one kind counted once. Beyond, the oldest goes.
const REMEMBERED: usize = 256;

/// Bytes of an identity that are remembered: the longest that a server takes. Of a longer one, its beginning.
const IDENTITY_BYTES: usize = credentials::limits::IDENTITY_BYTES;

/// An attempt to connect that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FailedHandshake {
    /// Where the device wanted to connect.
    pub(crate) server: Server,
    pub(crate) from: SocketAddr,
    /// Whom the device said it was, as far as that is known.
    pub(crate) identity: Option<String>,
    /// How far it came.
    pub(crate) stage: &'static str,
    pub(crate) what: String,
    pub(crate) advice: String,
}

/// The last handshakes that failed, for people to look at.
#[derive(Default)]
pub(crate) struct FailedHandshakes(Mutex<VecDeque<Remembered>>);

#[derive(Clone)]
struct Remembered {
    handshake: FailedHandshake,
    since_ms: u64,
    at_ms: u64,
    count: u64,
}

impl FailedHandshakes {
    /// One that is like an earlier one, from whichever port, is counted there.
    pub(crate) fn record(&self, at_ms: u64, mut handshake: FailedHandshake) {
        if let Some(identity) = &mut handshake.identity {
            identity.truncate(identity.floor_char_boundary(IDENTITY_BYTES));
        }
        let mut remembered = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let earlier = remembered.iter().position(|earlier| earlier.handshake.is_like(&handshake));
        let earlier = earlier.and_then(|position| remembered.remove(position));
        let (since_ms, count) = earlier.map_or((at_ms, 1), |earlier| (earlier.since_ms, earlier.count + 1));
        if remembered.len() >= REMEMBERED {
            remembered.pop_front();
        }
        remembered.push_back(Remembered { handshake, since_ms, at_ms, count });
    }

    /// The newest first.
    pub(crate) fn list(&self) -> Vec<console_api::FailedHandshake> {
        let remembered = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let view = |Remembered { handshake, since_ms, at_ms, count }: Remembered| {
            let FailedHandshake { server, from, identity, stage, what, advice } = handshake;
            let server = told_server(server);
            let (from, stage) = (from.to_string(), stage.to_owned());
            console_api::FailedHandshake {
                at_ms,
                since_ms,
                server,
                from,
                identity,
                stage,
                what,
                advice,
                count,
            }
        };
        remembered.into_iter().rev().map(view).collect()
    }
}

impl FailedHandshake {
    /// A device that tries again does so from another port.
    fn is_like(&self, other: &Self) -> bool {
        self.from.ip() == other.from.ip()
            && self.server == other.server
            && (&self.identity, self.stage, &self.what) == (&other.identity, other.stage, &other.what)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failed(port: u16, identity: &str) -> FailedHandshake {
        FailedHandshake {
            server: Server::DeviceManagement,
            from: SocketAddr::from(([192, 0, 2, 1], port)),
            identity: Some(identity.to_owned()),
            stage: "key exchange",
            what: "unknown identity".to_owned(),
            advice: "add it".to_owned(),
        }
    }

    #[test]
    fn repeats_are_counted_and_come_first_again() {
        let handshakes = FailedHandshakes::default();
        handshakes.record(1, failed(1, "a"));
        handshakes.record(2, failed(1, "b"));
        handshakes.record(3, failed(2, "a"));
        let list = handshakes.list();
        let seen: Vec<_> = list
            .iter()
            .map(|failed| (failed.identity.as_deref().unwrap(), failed.since_ms, failed.at_ms, failed.count))
            .collect();
        assert_eq!(seen, [("a", 1, 3, 2), ("b", 2, 2, 1)]);
        assert_eq!(list[0].from, "192.0.2.1:2");
    }

    #[test]
    fn they_are_bounded() {
        let handshakes = FailedHandshakes::default();
        for at in 0..=REMEMBERED as u64 {
            handshakes.record(at, failed(1, &format!("{at}{}", "é".repeat(100))));
        }
        let list = handshakes.list();
        assert_eq!((list.len(), list[REMEMBERED - 1].at_ms), (REMEMBERED, 1));
        assert!(list.iter().all(|failed| failed.identity.as_ref().unwrap().len() <= IDENTITY_BYTES));
    }
}
