use std::{
    collections::VecDeque,
    fmt,
    io::ErrorKind,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use core_bench::{
    device::Device,
    load::{self, AT_ONCE},
    server::Server,
};
use mio::{Events, Interest, Poll, Token, net::UdpSocket};

/// RFC 7252 §4.8: ACK_TIMEOUT.
const LOST_AFTER: Duration = Duration::from_secs(2);

/// The server has failed when an acknowledgement takes longer.
const PATIENCE: Duration = Duration::from_secs(20);

/// How often it is looked whether something is lost.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// How often it is looked what is due.
const TICK: Duration = Duration::from_millis(1);

#[derive(Clone, Copy)]
pub(super) enum Offer {
    /// At moments that do not depend on what the server does. A notification waits for the one before it.
    PerSecond(f64),
    /// Each device notifies again as soon as it is acknowledged.
    AsManyAsItTakes,
}

impl fmt::Display for Offer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PerSecond(per_s) => write!(f, "{per_s:.0} a second"),
            Self::AsManyAsItTakes => f.write_str("as many as it takes"),
        }
    }
}

/// What came of an offer.
pub(super) struct Answers {
    /// From when a notification was due until it was acknowledged, in ascending order.
    pub(super) taken: Vec<Duration>,
    pub(super) wall: Duration,
    /// Notifications that were sent once more.
    pub(super) again: usize,
}

/// Observed devices, each with a socket.
pub(super) struct Fleet {
    poll: Poll,
    devices: Vec<Observed>,
}

struct Observed {
    device: Device,
    socket: UdpSocket,
    /// When each notification that waits for its turn was due.
    due: VecDeque<Instant>,
    /// RFC 7252 §4.7: at most NSTART = 1 is under way.
    under_way: Option<UnderWay>,
}

struct UnderWay {
    datagram: Vec<u8>,
    due: Instant,
    sent: Instant,
}

impl Fleet {
    pub(super) fn observed(server: &Server, count: usize) -> Result<Self> {
        let (poll, mut all) = (Poll::new()?, Vec::new());
        for first in (0..count).step_by(AT_ONCE) {
            let (mut devices, sockets) = load::register(server.coap, first..count.min(first + AT_ONCE))?;
            server.observe(&mut devices, &sockets)?;
            for (device, socket) in devices.into_iter().zip(sockets) {
                socket.set_nonblocking(true)?;
                let mut socket = UdpSocket::from_std(socket);
                poll.registry().register(&mut socket, Token(all.len()), Interest::READABLE)?;
                all.push(Observed { device, socket, due: VecDeque::new(), under_way: None });
            }
        }
        Ok(Self { poll, devices: all })
    }

    /// Sends for that time, and waits until everything is acknowledged.
    pub(super) fn notify(&mut self, offer: Offer, span: Duration) -> Result<Answers> {
        let mut answers = Answers { taken: Vec::new(), wall: Duration::ZERO, again: 0 };
        let (begin, mut offered, mut looked) = (Instant::now(), 0, Duration::ZERO);
        let mut events = Events::with_capacity(self.devices.len());
        loop {
            let elapsed = begin.elapsed();
            let goes_on = elapsed < span;
            if goes_on {
                self.offer(offer, begin, elapsed, &mut offered)?;
            } else if self.devices.iter().all(|device| device.under_way.is_none()) {
                break;
            }
            ensure!(elapsed < span + PATIENCE, "the server acknowledges nothing any more");
            if elapsed >= looked + LOOK_EVERY {
                answers.again += self.send_again()?;
                looked = elapsed;
            }
            self.poll.poll(&mut events, Some(TICK))?;
            for event in &events {
                let device = &mut self.devices[event.token().0];
                device.receive(&mut answers.taken)?;
                if goes_on && device.under_way.is_none() && matches!(offer, Offer::AsManyAsItTakes) {
                    device.notify(Instant::now())?;
                }
            }
        }
        answers.wall = begin.elapsed();
        answers.taken.sort_unstable();
        Ok(answers)
    }

    /// Everything that has become due.
    fn offer(&mut self, offer: Offer, begin: Instant, elapsed: Duration, offered: &mut usize) -> Result<()> {
        let count = self.devices.len();
        match offer {
            Offer::PerSecond(per_s) => {
                let due = |number: usize| Duration::from_secs_f64(number as f64 / per_s);
                while due(*offered) <= elapsed {
                    self.devices[*offered % count].notify(begin + due(*offered))?;
                    *offered += 1;
                }
            }
            Offer::AsManyAsItTakes if *offered == 0 => {
                for device in &mut self.devices {
                    device.notify(begin)?;
                }
                *offered = count;
            }
            Offer::AsManyAsItTakes => {}
        }
        Ok(())
    }

    fn send_again(&mut self) -> Result<usize> {
        let mut again = 0;
        for device in &mut self.devices {
            if let Some(under_way) = &mut device.under_way
                && under_way.sent.elapsed() > LOST_AFTER
            {
                device.socket.send(&under_way.datagram)?;
                under_way.sent = Instant::now();
                again += 1;
            }
        }
        Ok(again)
    }
}

impl Observed {
    fn notify(&mut self, due: Instant) -> Result<()> {
        self.due.push_back(due);
        self.send_next()
    }

    fn send_next(&mut self) -> Result<()> {
        if self.under_way.is_none()
            && let Some(due) = self.due.pop_front()
        {
            let datagram = self.device.notification()?;
            self.socket.send(&datagram)?;
            self.under_way = Some(UnderWay { datagram, due, sent: Instant::now() });
        }
        Ok(())
    }

    fn receive(&mut self, taken: &mut Vec<Duration>) -> Result<()> {
        let mut buffer = [0; 2048];
        loop {
            let length = match self.socket.recv(&mut buffer) {
                Ok(length) => length,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error).context("the server is gone"),
            };
            // That of one that was sent twice may come twice.
            if let Some(under_way) =
                self.under_way.take_if(|under_way| under_way.is_acknowledged_by(&buffer[..length]))
            {
                taken.push(under_way.due.elapsed());
                self.send_next()?;
            }
        }
    }
}

impl UnderWay {
    /// An empty Acknowledgement with the message id (RFC 7252 §4.2).
    fn is_acknowledged_by(&self, datagram: &[u8]) -> bool {
        matches!(datagram, [0x60, 0, id @ ..] if id == &self.datagram[2..4])
    }
}
