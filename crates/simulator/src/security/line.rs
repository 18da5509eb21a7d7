use std::collections::VecDeque;

use coap::Instant;
use dtls::{Client, ClientConfig, ClientOutput};
use tracing::warn;

/// Datagrams that wait for a handshake. Beyond, the oldest is dropped: CoAP sends it again.
const WAITING: usize = 4;

/// The DTLS session of one device with its server. A handshake begins when there is something to send.
pub(crate) struct SecureLine {
    endpoint: String,
    client: Client,
    waiting: VecDeque<Vec<u8>>,
    /// There was a session, so that the device may think that it is registered.
    had_session: bool,
}

/// What comes of what was given to the line.
pub(crate) enum LineOutput {
    Transmit(Vec<u8>),
    /// From the server.
    Data(Vec<u8>),
    /// The session is another one and not the one before resumed: the device has to register again.
    Anew,
}

impl SecureLine {
    pub(crate) fn new(endpoint: &str, config: ClientConfig) -> anyhow::Result<Self> {
        let client = Client::new(config)?;
        Ok(Self { endpoint: endpoint.to_owned(), client, waiting: VecDeque::new(), had_session: false })
    }

    /// As after a power failure.
    pub(crate) fn reset(&mut self) {
        self.client.forget(false);
        self.waiting.clear();
        self.had_session = false;
    }

    pub(crate) fn send(&mut self, now: Instant, datagram: Vec<u8>) {
        if self.client.is_connected() {
            if let Err(error) = self.client.send(&datagram) {
                warn!(endpoint = self.endpoint, "send: {error}");
            }
            return;
        }
        if self.waiting.len() >= WAITING {
            self.waiting.pop_front();
        }
        self.waiting.push_back(datagram);
        if self.client.is_idle() {
            self.client.connect(instant(now));
        }
    }

    pub(crate) fn handle_datagram(&mut self, now: Instant, datagram: &[u8]) {
        self.client.handle_datagram(instant(now), &mut datagram.to_vec());
    }

    pub(crate) fn handle_timeout(&mut self, now: Instant) {
        self.client.handle_timeout(instant(now));
    }

    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        self.client.poll_timeout().map(|due| Instant::from_millis(due.as_millis()))
    }

    pub(crate) fn poll(&mut self) -> Option<LineOutput> {
        loop {
            match self.client.poll()? {
                ClientOutput::Transmit(datagram) => return Some(LineOutput::Transmit(datagram)),
                ClientOutput::Data(payload) => return Some(LineOutput::Data(payload)),
                ClientOutput::Connected { resumed, .. } => {
                    if std::mem::replace(&mut self.had_session, true) && !resumed {
                        // What waits is of the session before.
                        self.waiting.clear();
                        return Some(LineOutput::Anew);
                    }
                    for datagram in std::mem::take(&mut self.waiting) {
                        // What cannot be sent is as good as lost on the way.
                        let _ = self.client.send(&datagram);
                    }
                }
                ClientOutput::Closed(why) => warn!(endpoint = self.endpoint, "session closed: {why}"),
                ClientOutput::Failed(failure) => {
                    self.waiting.clear();
                    warn!(endpoint = self.endpoint, "handshake failed: {failure}. {}", failure.advice());
                }
            }
        }
    }
}

fn instant(now: Instant) -> dtls::Instant {
    dtls::Instant::from_millis(now.as_millis())
}
