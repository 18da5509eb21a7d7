use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use anyhow::Context;
use lwm2m_core::client::{Event, Output};
use tokio::{
    net::UdpSocket,
    sync::watch,
    time::{Instant, sleep, sleep_until},
};
use tracing::{debug, info, trace, warn};

use crate::{clock::Clock, device::Device, tally::Tally};

/// What all devices share.
#[derive(Clone)]
pub(crate) struct Surroundings {
    pub(crate) clock: Clock,
    pub(crate) period: Duration,
    pub(crate) tally: Arc<Tally>,
    /// Turns true when the fleet shall stop.
    pub(crate) stop: watch::Receiver<bool>,
}

/// How long to wait after a socket error that is none of the known hints, so as not to spin on it.
const AFTER_SOCKET_ERROR: Duration = Duration::from_millis(200);

/// A socket of its own for one device, on a port that the system chooses.
pub(crate) async fn open_socket(server: SocketAddr) -> anyhow::Result<UdpSocket> {
    let any = if server.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" };
    let socket = UdpSocket::bind(any).await.context("cannot open a UDP socket")?;
    // Connected, so that only the server is heard, and so that ICMP errors are reported.
    socket.connect(server).await.with_context(|| format!("cannot reach {server}"))?;
    Ok(socket)
}

/// Runs one device until the fleet stops. It starts and stops `delay` after it might, so that a large fleet does
/// not speak all at once.
pub(crate) async fn drive(mut device: Device, socket: UdpSocket, surroundings: Surroundings, delay: Delay) {
    let Surroundings { clock, period, tally, mut stop } = surroundings;
    tokio::select! {
        () = sleep(delay.start) => {}
        () = asked(&mut stop) => return,
    }
    let mut line = Line { socket, tally, registered: 0, observations: 0 };
    device.advance(clock.now());
    device.start(clock.now());
    let mut next_step = Instant::now() + period;
    let mut stopping = false;
    loop {
        line.send_all(&mut device, clock);
        if stopping && device.client().is_stopped() {
            return;
        }
        let timeout = device.client().poll_timeout().map(|(due, reason)| {
            trace!(endpoint = device.endpoint(), %reason, "next timeout");
            clock.deadline(due)
        });
        let wake = timeout.map_or(next_step, |timeout| timeout.min(next_step));
        tokio::select! {
            result = line.socket.readable() => {
                let known = result.and_then(|()| line.receive_all(&mut device, clock));
                if let Err(error) = known {
                    debug!(endpoint = device.endpoint(), %error, "socket error");
                    sleep(AFTER_SOCKET_ERROR).await;
                }
            }
            () = sleep_until(wake) => {
                device.handle_timeout(clock.now());
                if next_step <= Instant::now() {
                    device.advance(clock.now());
                    next_step = (next_step + period).max(Instant::now());
                }
            }
            () = asked(&mut stop), if !stopping => {
                stopping = true;
                sleep(delay.stop).await;
                device.stop(clock.now());
            }
        }
    }
}

/// Completes when the fleet shall stop, or when nobody is left to say so.
async fn asked(stop: &mut watch::Receiver<bool>) {
    drop(stop.wait_for(|stop| *stop).await);
}

/// When a device starts and stops, after the fleet as a whole does.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Delay {
    pub(crate) start: Duration,
    pub(crate) stop: Duration,
}

/// The socket of a device, and the count of what passes through it.
struct Line {
    socket: UdpSocket,
    tally: Arc<Tally>,
    /// This device's share of the tally.
    registered: usize,
    observations: usize,
}

impl Line {
    fn send_all(&mut self, device: &mut Device, clock: Clock) {
        while let Some(output) = device.poll(clock.now()) {
            match output {
                Output::Transmit { datagram, .. } => {
                    self.tally.sent.increase();
                    self.send(device, clock, &datagram);
                }
                Output::Event { event, .. } => Self::tell(device.endpoint(), &event),
            }
        }
        let client = device.client();
        self.tally.registered.follow(&mut self.registered, usize::from(client.is_registered()));
        self.tally.observations.follow(&mut self.observations, client.observations());
    }

    fn send(&self, device: &mut Device, clock: Clock, datagram: &[u8]) {
        let mut result = self.socket.try_send(datagram);
        if let Err(error) = &result
            && is_icmp(error)
        {
            // That was about an earlier datagram; this one has not been sent yet.
            self.hint(device, clock, error);
            result = self.socket.try_send(datagram);
        }
        if let Err(error) = result {
            // UDP may lose a datagram anywhere; here is one place more.
            debug!(endpoint = device.endpoint(), %error, "not sent");
        }
    }

    /// Receives until nothing is left. An error here is one of the socket itself.
    fn receive_all(&self, device: &mut Device, clock: Clock) -> io::Result<()> {
        let mut buffer = [0; 65_536];
        loop {
            match self.socket.try_recv(&mut buffer) {
                Ok(length) => {
                    self.tally.received.increase();
                    device.handle_datagram(clock.now(), &buffer[..length]);
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) if is_icmp(&error) => self.hint(device, clock, &error),
                Err(error) => return Err(error),
            }
        }
    }

    /// An ICMP error may be wrong or forged, so it proves nothing. It is a reason to ask the server.
    fn hint(&self, device: &mut Device, clock: Clock, error: &io::Error) {
        trace!(endpoint = device.endpoint(), %error, "the server may be unreachable");
        device.handle_unreachable(clock.now());
    }

    fn tell(endpoint: &str, event: &Event) {
        match event {
            Event::Registered { location } => info!(endpoint, location, "registered"),
            Event::Updated => debug!(endpoint, "registration updated"),
            Event::RegistrationFailed { why } => {
                warn!(endpoint, %why, "registration failed, will be tried again");
            }
            Event::RegistrationGivenUp => warn!(endpoint, "registration given up"),
            Event::Deregistered => info!(endpoint, "de-registered"),
            Event::Written { path, value } => info!(endpoint, %path, %value, "written"),
            Event::Created { path } => info!(endpoint, %path, "created"),
            Event::Deleted { path } => info!(endpoint, %path, "deleted"),
            Event::Executed { path, arguments } => info!(endpoint, %path, ?arguments, "executed"),
            Event::Observed { path } => debug!(endpoint, %path, "observed"),
            Event::ObservationEnded { path } => debug!(endpoint, %path, "observation ended"),
            Event::SendEnded { send, answer } => debug!(endpoint, ?send, ?answer, "Send ended"),
        }
    }
}

fn is_icmp(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused | io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable
    )
}
