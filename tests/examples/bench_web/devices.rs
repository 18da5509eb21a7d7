//! Devices as far as a console sees them, on bare sockets: they register, renew and notify.

use std::{
    net::{Ipv4Addr, SocketAddr, UdpSocket},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant, SystemTime},
};

use anyhow::{Context as _, Result, anyhow, ensure};
use coap::{Code, Message, MessageId, MessageType, Options, Token};

/// Devices that register at the same time.
const AT_ONCE: usize = 256;
/// After this time a datagram counts as lost and is sent again.
const LOST_AFTER: Duration = Duration::from_secs(2);
const TRIES: usize = 5;
/// Between two looks at what is due.
const TICK: Duration = Duration::from_millis(1);

/// Some makes of devices: version, binding, lifetime and Objects.
const MAKES: [(&str, &str, u32, &str); 4] = [
    ("1.1", "U", 86_400, "</>;rt=\"oma.lwm2m\";ct=\"60 110 112\",</1/0>,</3/0>,</4/0>,</5/0>,</3303/0>"),
    ("1.0", "UQ", 3_600, "</1/0>,</3/0>,</3/0>,</3301/0>,</3304/0>"),
    ("1.2", "U", 43_200, "</1/0>,</3/0>,</6/0>,</3305/0>,</3305/1>,</3305/2>"),
    ("1.1", "UQ", 7_200, "</1/0>,</3/0>,</10/0>,</3303/0>,</3303/1>,</3342/0>"),
];

/// The resource whose value is the time at which it was sent.
pub(crate) const CLOCK: &str = "/3/0/0";

/// Registers so many devices and returns their locations.
pub(crate) fn register(server: SocketAddr, count: usize) -> Result<Vec<String>> {
    let mut locations = Vec::with_capacity(count);
    for first in (0..count).step_by(AT_ONCE) {
        let numbers = first..count.min(first + AT_ONCE);
        let waiting = numbers.map(|number| {
            let (socket, datagram) = (socket(number, server)?, registration(number)?);
            socket.send(&datagram)?;
            Ok((socket, datagram))
        });
        for (socket, datagram) in waiting.collect::<Result<Vec<_>>>()? {
            locations.push(location(&answer(&socket, &datagram)?)?);
        }
    }
    Ok(locations)
}

fn registration(number: usize) -> Result<Vec<u8>> {
    let (version, binding, lifetime_s, links) = MAKES[number % MAKES.len()];
    let options = Options::new()
        .with_path("/rd")
        .with_content_format(40)
        .with_query(&format!("ep=urn:dev:ops:32473-bench-{number:06}"))
        .with_query(&format!("lt={lifetime_s}"))
        .with_query(&format!("lwm2m={version}"));
    // From LwM2M 1.1 on a parameter of its own says that the client sleeps.
    let options = match (version, binding) {
        ("1.0", _) | (_, "U") => options.with_query(&format!("b={binding}")),
        _ => options.with_query("b=U").with_query("Q"),
    };
    request(MessageId(number as u16), options, links.as_bytes())
}

/// A socket for one device, on an address of its own: to a server without security, that is what a peer is.
fn socket(number: usize, server: SocketAddr) -> Result<UdpSocket> {
    let [_, high, middle, low] = (number as u32 + 1).to_be_bytes();
    let socket = UdpSocket::bind((Ipv4Addr::new(127, 1 + high, middle, low), 0))?;
    socket.connect(server)?;
    socket.set_read_timeout(Some(LOST_AFTER))?;
    Ok(socket)
}

fn answer(socket: &UdpSocket, datagram: &[u8]) -> Result<Message> {
    let mut buffer = [0; 2048];
    for _ in 0..TRIES {
        if let Ok(length) = socket.recv(&mut buffer) {
            return Ok(Message::decode(&buffer[..length])?);
        }
        socket.send(datagram)?;
    }
    Err(anyhow!("the server does not answer"))
}

fn location(answer: &Message) -> Result<String> {
    ensure!(answer.code == Code::CREATED, "Register was answered {}", answer.code);
    Ok(format!("/{}", answer.options.location_path()?.join("/")))
}

fn request(message_id: MessageId, options: Options, payload: &[u8]) -> Result<Vec<u8>> {
    let token = Token::new(&message_id.0.to_be_bytes()).context("two bytes make a token")?;
    let (message_type, payload) = (MessageType::Confirmable, payload.to_vec());
    Ok(Message { message_type, code: Code::POST, message_id, token, options, payload }.encode()?)
}

/// Something that is sent so many times a second until it is dropped.
pub(crate) struct Stream {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<Result<Sent>>>,
}

/// When each was sent, in milliseconds since 1970.
pub(crate) type Sent = Vec<f64>;

impl Stream {
    pub(crate) fn start(per_second: usize, mut send: impl FnMut() -> Result<f64> + Send + 'static) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = thread::spawn(move || {
            let (start, mut sent) = (Instant::now(), Sent::new());
            while !stopped.load(Ordering::Relaxed) {
                let due = (start.elapsed().as_secs_f64() * per_second as f64) as usize;
                while sent.len() < due {
                    sent.push(send()?);
                }
                thread::park_timeout(TICK);
            }
            Ok(sent)
        });
        Self { stop, thread: Some(thread) }
    }

    pub(crate) fn stop(mut self) -> Result<Sent> {
        self.stop.store(true, Ordering::Relaxed);
        let thread = self.thread.take().context("it has been stopped before")?;
        thread.join().map_err(|_| anyhow!("a device has panicked"))?
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}

/// Updates of any of these devices.
pub(crate) fn updates(server: SocketAddr, locations: Vec<String>, per_second: usize) -> Result<Stream> {
    // A registration is found by its location, wherever its Update comes from.
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
    socket.connect(server)?;
    socket.set_nonblocking(true)?;
    let (mut message_id, mut at, mut buffer) = (0_u16, 0_usize, [0; 256]);
    Ok(Stream::start(per_second, move || {
        message_id = message_id.wrapping_add(1);
        // A large prime: all over the fleet, and every device once.
        at = (at + 7_919) % locations.len();
        let options = Options::new().with_path(&locations[at]);
        socket.send(&request(MessageId(message_id), options, b"")?)?;
        while socket.recv(&mut buffer).is_ok() {}
        Ok(now_ms())
    }))
}

/// A device that says what time it is, as soon and as often as it is asked to.
pub(crate) struct ClockDevice {
    pub(crate) socket: UdpSocket,
    pub(crate) observation: Token,
}

impl ClockDevice {
    pub(crate) fn register(server: SocketAddr, endpoint: &str, links: &str) -> Result<Self> {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
        socket.connect(server)?;
        socket.set_read_timeout(Some(LOST_AFTER * TRIES as u32))?;
        let options = Options::new()
            .with_path("/rd")
            .with_content_format(40)
            .with_query(&format!("ep={endpoint}"))
            .with_query("lt=86400")
            .with_query("lwm2m=1.1")
            .with_query("b=U");
        let datagram = request(MessageId(0), options, links.as_bytes())?;
        socket.send(&datagram)?;
        location(&answer(&socket, &datagram)?)?;
        Ok(Self { socket, observation: Token::EMPTY })
    }

    /// Takes the Observe of the server.
    pub(crate) fn accept_observation(mut self) -> Result<Self> {
        let mut buffer = [0; 2048];
        let length = self.socket.recv(&mut buffer).context("no Observe came")?;
        let request = Message::decode(&buffer[..length])?;
        request.options.observe().context("the server should ask for an observation")?;
        self.observation = request.token;
        let mut answer = self.content(0, request.message_id)?;
        answer.message_type = MessageType::Acknowledgement;
        self.socket.send(&answer.encode()?)?;
        Ok(self)
    }

    /// Notifies so many times a second.
    pub(crate) fn notify(self, per_second: usize) -> Stream {
        let mut sequence = 0_u32;
        Stream::start(per_second, move || {
            sequence += 1;
            let sent_at = now_ms();
            let mut message = self.content(sequence, MessageId(sequence as u16))?;
            message.payload = format!("{sent_at:.3}").into_bytes();
            self.socket.send(&message.encode()?)?;
            Ok(sent_at)
        })
    }

    fn content(&self, sequence: u32, message_id: MessageId) -> Result<Message> {
        Ok(Message {
            message_type: MessageType::NonConfirmable,
            code: Code::CONTENT,
            message_id,
            token: self.observation,
            options: Options::new().with_observe(sequence).with_content_format(0),
            payload: format!("{:.3}", now_ms()).into_bytes(),
        })
    }
}

pub(crate) fn now_ms() -> f64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    since.unwrap_or_default().as_micros() as f64 / 1e3
}
