mod blueprint;
mod condition;
mod incidents;
mod lines;
mod world;

use std::{net::SocketAddr, time::Duration};

use coap::Instant;
use lwm2m_codec::Record;
use lwm2m_core::{
    Peer,
    client::{self, Client, Event},
};

use crate::{
    dice::Dice,
    download::{Download, Progress},
    network::Line,
    objects::{Behaviour, ConnectivityStatistics, DeviceObject, FirmwareUpdate},
};
pub(crate) use blueprint::Blueprint;
use condition::Condition;
use incidents::Disturbance;
use lines::{Lines, LinesOutput};

/// One simulated device: the client role and the little world that moves its values.
///
/// Values move while somebody observes them, and otherwise when somebody asks.
pub(crate) struct Device {
    client: Client,
    /// Of a device that is not bootstrapped.
    server: Option<SocketAddr>,
    lines: Lines,
    period: Duration,
    object: DeviceObject,
    statistics: ConnectivityStatistics,
    firmware: FirmwareUpdate,
    others: Vec<Box<dyn Behaviour>>,
    download: Option<Box<Download>>,
    /// A download has ended, and its line is still to be closed.
    closes_download: bool,
    disturbances: Vec<Disturbance>,
    condition: Condition,
    advanced_at: Option<Instant>,
    dice: Dice,
}

/// What a device wants done or told.
#[derive(Debug)]
pub(crate) enum Output {
    Transmit { line: Line, to: SocketAddr, datagram: Vec<u8> },
    LineClosed { to: SocketAddr },
    DownloadClosed,
    Event(Event),
}

/// Inputs and outputs.
impl Device {
    pub(crate) fn endpoint(&self) -> &str {
        &self.client.config().endpoint
    }

    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// Boots and registers.
    pub(crate) fn start(&mut self, now: Instant) {
        self.lines.reset();
        self.advance(now);
        self.begin(now);
    }

    fn begin(&mut self, now: Instant) {
        match self.server {
            Some(server) => self.client.start(now, Peer::NoSec(server)),
            None => self.client.boot(now),
        }
    }

    /// What is in the slot from now on.
    pub(crate) fn insert_smartcard(&mut self, now: Instant, card: Option<Vec<Record>>) {
        self.client.insert_smartcard(now, card);
    }

    pub(crate) fn stop(&mut self, now: Instant) {
        self.client.stop(now);
    }

    pub(crate) fn handle_datagram(&mut self, now: Instant, line: Line, from: SocketAddr, datagram: &[u8]) {
        if self.condition.is_unreachable(now) || self.condition.sleeps(now) {
            return;
        }
        self.condition.stay_awake(now);
        self.statistics.received(now, datagram.len());
        match (line, &mut self.download) {
            (Line::Management, _) => {
                if let Some(peer) = self.lines.receive(now, from, datagram) {
                    self.handle_message(now, peer, datagram);
                }
            }
            (Line::Download, Some(download)) => download.handle_datagram(now, datagram),
            (Line::Download, None) => {}
        }
    }

    fn handle_message(&mut self, now: Instant, peer: Peer, datagram: &[u8]) {
        if is_request(datagram) {
            self.show_what_is_read(now);
        }
        self.client.handle_datagram(now, peer, datagram);
    }

    /// The network hints that the server may be gone. That is a reason to ask it.
    pub(crate) fn handle_unreachable(&mut self, now: Instant) {
        if !self.condition.is_unreachable(now) {
            self.client.update(now);
        }
    }

    pub(crate) fn handle_timeout(&mut self, now: Instant) {
        if self.condition.take_boot(now) {
            self.start(now);
        }
        if self.condition.is_off(now) {
            return;
        }
        self.client.handle_timeout(now);
        self.lines.handle_timeout(now);
        if let Some(download) = &mut self.download {
            download.handle_timeout(now);
        }
        if self.firmware.poll_timeout().is_some_and(|due| due <= now) {
            let action = self.firmware.handle_timeout(now);
            self.follow_firmware(now, action);
        }
        if self.next_step().is_some_and(|due| due <= now) {
            self.advance(now);
        }
    }

    /// The next thing to send or to tell. What the server does to the device takes effect in its world.
    pub(crate) fn poll(&mut self, now: Instant) -> Option<Output> {
        loop {
            if std::mem::take(&mut self.closes_download) {
                return Some(Output::DownloadClosed);
            }
            let (line, to, datagram) = if let Some(progress) = self.poll_download() {
                match progress {
                    Progress::Transmit { to, datagram } => (Line::Download, to, datagram),
                    Progress::Ended(result) => {
                        self.end_download();
                        self.firmware.downloaded(now, result.as_deref().map_err(|failure| *failure));
                        self.show(now, self.firmware.values());
                        continue;
                    }
                }
            } else {
                match self.poll_management(now)? {
                    Management::Transmit { to, datagram } => (Line::Management, to, datagram),
                    Management::LineClosed { to } => return Some(Output::LineClosed { to }),
                    Management::Event(event) => {
                        self.take_effect(now, &event);
                        return Some(Output::Event(event));
                    }
                }
            };
            if !self.condition.is_unreachable(now) {
                self.statistics.sent(now, datagram.len());
                self.condition.stay_awake(now);
                return Some(Output::Transmit { line, to, datagram });
            }
        }
    }

    /// The next thing of the client, through the DTLS session where there is one.
    fn poll_management(&mut self, now: Instant) -> Option<Management> {
        loop {
            match self.lines.poll() {
                Some(LinesOutput::Transmit { to, datagram }) => {
                    return Some(Management::Transmit { to, datagram });
                }
                Some(LinesOutput::Message { peer, datagram }) => {
                    self.handle_message(now, peer, &datagram);
                    continue;
                }
                Some(LinesOutput::Anew { peer }) => {
                    match self.server {
                        Some(_) => self.begin(now),
                        None => self.client.session_replaced(now, peer),
                    }
                    continue;
                }
                None => {}
            }
            match self.client.poll()? {
                client::Output::Transmit { peer, datagram } => {
                    // Lost, as it would be without security.
                    if self.lines.is_secure(peer) && self.condition.is_unreachable(now) {
                        continue;
                    }
                    if let Some(LinesOutput::Transmit { to, datagram }) = self.lines.send(now, peer, datagram)
                    {
                        return Some(Management::Transmit { to, datagram });
                    }
                }
                client::Output::Event { event, .. } => return Some(Management::Event(event)),
                client::Output::Connect { security_instance, uri } => {
                    let Self { client, lines, .. } = self;
                    let endpoint = &client.config().endpoint;
                    let opened = lines.open(endpoint, client.tree(), security_instance, &uri);
                    let peer = opened.map_err(|error| format!("{uri}: {error:#}"));
                    client.connected(now, security_instance, peer);
                }
                client::Output::Disconnect { peer } => {
                    if let Some(to) = self.lines.close(peer) {
                        return Some(Management::LineClosed { to });
                    }
                }
            }
        }
    }

    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        if let Some(boot) = self.condition.boot_at() {
            return Some(boot);
        }
        let client = self.client.poll_timeout().map(|(due, _)| due);
        let download = self.download.as_ref().and_then(|download| download.poll_timeout());
        let secure = self.lines.poll_timeout();
        [client, secure, download, self.firmware.poll_timeout(), self.next_step()].into_iter().flatten().min()
    }
}

/// What the client wants sent or told.
enum Management {
    Transmit { to: SocketAddr, datagram: Vec<u8> },
    LineClosed { to: SocketAddr },
    Event(Event),
}

/// Whether a datagram is a request of the server (RFC 7252 §12.1): then values are about to be read.
fn is_request(datagram: &[u8]) -> bool {
    datagram.get(1).is_some_and(|code| (1..0x20).contains(code))
}
