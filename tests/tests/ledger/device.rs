use std::{collections::VecDeque, net::SocketAddr, path::Path, sync::Arc, time::Duration};

use anyhow::{Context as _, Result, bail};
use coap::{Code, Message, MessageId, MessageType, Options, Token};
use tokio::{
    net::UdpSocket,
    time::{Instant, timeout_at},
};

use crate::{
    book::{Acknowledged, Book, Deed},
    dice::Dice,
    progress::{Phase, Progress},
};

/// Shorter than RFC 7252 §4.8 suggests, which allows it (§4.8.1): the network here is a fast one.
const ACK_TIMEOUT: Duration = Duration::from_millis(250);
const MAX_RETRANSMIT: u32 = 6;
/// How long a response is waited for that was promised by an empty acknowledgement.
const SEPARATE: Duration = Duration::from_secs(5);
/// Requests of the server whose answers are remembered, in case they come again (RFC 7252 §4.2).
const REMEMBERED: usize = 256;
const DATAGRAM: usize = 2048;
const LINKS: &[u8] = b"</1/0>,</3/0>,</3303/0>";
/// A day: what is registered stays so.
const LIFETIME: &str = "lt=86400";
const TEXT: u16 = 0;
const SENML_JSON: u16 = 110;

/// A device with a sensor, which keeps a ledger.
pub(crate) struct Device {
    pub(crate) endpoint: String,
    pub(crate) book: Book,
    number: usize,
    socket: UdpSocket,
    dice: Dice,
    progress: Arc<Progress>,
    message_id: u16,
    sequence: u32,
    /// Of payloads: no two are the same.
    counter: u64,
    location: Option<String>,
    observations: Vec<Observation>,
    /// Requests of the server with what they were answered.
    answered: VecDeque<(Vec<u8>, Vec<u8>)>,
    /// Notifications that nobody acknowledges, but a Reset may come.
    unconfirmed: VecDeque<(MessageId, Token)>,
}

#[derive(Clone)]
struct Observation {
    token: Token,
    path: String,
    /// A notification was acknowledged: the server knows it for good.
    known: bool,
}

/// What became of a message that is to be acknowledged.
enum Delivered {
    Answered {
        answer: Box<Message>,
        over_stop_ms: Option<u64>,
    },
    /// Nobody knows whether it was taken.
    GivenUp,
}

impl Device {
    pub(crate) async fn new(
        number: usize,
        seed: u64,
        server: SocketAddr,
        books: &Path,
        progress: Arc<Progress>,
    ) -> Result<Self> {
        let socket = UdpSocket::bind(("127.0.0.1", 0)).await?;
        socket.connect(server).await?;
        let endpoint = endpoint(number);
        let mut dice = Dice::new(seed, 1 + number as u64);
        let message_id = u16::try_from(dice.draw(1 << 16))?;
        Ok(Self {
            book: Book::open(books, &endpoint)?,
            endpoint,
            number,
            socket,
            dice,
            progress,
            message_id,
            sequence: 1,
            counter: 0,
            location: None,
            observations: Vec::new(),
            answered: VecDeque::new(),
            unconfirmed: VecDeque::new(),
        })
    }

    /// Lives until the run is over, and gives its ledger.
    pub(crate) async fn run(mut self) -> Result<(String, Book)> {
        while self.progress.phase() < Phase::Drain {
            self.act().await.with_context(|| self.endpoint.clone())?;
        }
        self.progress.drained();
        let progress = Arc::clone(&self.progress);
        let over = progress.reaches(Phase::Over);
        tokio::pin!(over);
        loop {
            tokio::select! {
                () = &mut over => return Ok((self.endpoint, self.book)),
                received = receive(&self.socket) => {
                    let (datagram, message) = received?;
                    self.take(&datagram, &message).await?;
                }
            }
        }
    }

    async fn act(&mut self) -> Result<()> {
        let Some(location) = self.location.clone() else { return self.register().await };
        match self.dice.draw(100) {
            0..2 => self.register().await,
            2..12 => self.update(&location).await,
            12..22 => self.send().await,
            _ => match self.observations.clone().as_slice() {
                // Nobody has asked yet, which the next Update can wait for.
                [] => self.update(&location).await,
                observations => {
                    let observation = self.dice.pick(observations).clone();
                    self.notify(observation).await
                }
            },
        }
    }

    async fn register(&mut self) -> Result<()> {
        // A new registration knows nothing of what was observed, and from now on the server may have it.
        self.location = None;
        self.observations.clear();
        self.book.write(&Deed::Registering)?;
        let name = format!("ep={}", self.endpoint);
        let options = Options::new().with_path("/rd").with_content_format(40).with_query(&name);
        let mut options = options.with_query(LIFETIME).with_query("lwm2m=1.1").with_query("b=U");
        if self.number.is_multiple_of(4) {
            options = options.with_query("Q");
        }
        let request = self.confirmable(Code::POST, options, LINKS);
        let Delivered::Answered { answer, over_stop_ms } = self.deliver(&request).await? else {
            return Ok(());
        };
        if answer.code != Code::CREATED {
            return self.refused(&request, &answer);
        }
        let location = answer.options.location_path()?;
        let id = (*location.last().context("a location")?).to_owned();
        self.location = Some(format!("/{}", location.join("/")));
        self.acknowledged(Acknowledged::Registration { id }, over_stop_ms)
    }

    async fn update(&mut self, location: &str) -> Result<()> {
        let request = self.confirmable(Code::POST, Options::new().with_path(location), b"");
        self.request(&request, Acknowledged::Update).await
    }

    async fn send(&mut self) -> Result<()> {
        let payload = format!(r#"[{{"n":"/3303/0/5700","v":{}}}]"#, self.value());
        let options = Options::new().with_path("/dp").with_content_format(SENML_JSON);
        let request = self.confirmable(Code::POST, options, payload.as_bytes());
        self.request(&request, Acknowledged::Send { payload }).await
    }

    /// A request that is answered by 2.04.
    async fn request(&mut self, request: &Message, what: Acknowledged) -> Result<()> {
        match self.deliver(request).await? {
            Delivered::Answered { answer, over_stop_ms } if answer.code == Code::CHANGED => {
                self.acknowledged(what, over_stop_ms)
            }
            Delivered::Answered { answer, .. } => self.refused(request, &answer),
            // As the standard says: whoever reaches the server no more registers again.
            Delivered::GivenUp => self.register().await,
        }
    }

    async fn notify(&mut self, observation: Observation) -> Result<()> {
        let Observation { token, path, .. } = observation;
        let (payload, sequence) = (self.value(), self.sequence());
        let options = Options::new().with_observe(sequence).with_content_format(TEXT);
        let mut message = self.confirmable(Code::CONTENT, options, payload.as_bytes());
        message.token = token;
        if self.dice.one_in(10) {
            message.message_type = MessageType::NonConfirmable;
            self.unconfirmed.push_front((message.message_id, token));
            self.unconfirmed.truncate(REMEMBERED);
            self.socket.send(&message.encode()?).await?;
            return Ok(());
        }
        match self.deliver(&message).await? {
            Delivered::GivenUp => self.register().await,
            Delivered::Answered { answer, .. } if answer.message_type == MessageType::Reset => {
                self.reset(token)
            }
            Delivered::Answered { over_stop_ms, .. } => {
                self.observations.iter_mut().filter(|kept| kept.token == token).for_each(|kept| {
                    kept.known = true;
                });
                let (token, message_id) = (hex(token), message.message_id.0);
                let what = Acknowledged::Notification { token, message_id, sequence, path, payload };
                self.acknowledged(what, over_stop_ms)
            }
        }
    }

    fn acknowledged(&mut self, what: Acknowledged, over_stop_ms: Option<u64>) -> Result<()> {
        self.book.write(&Deed::Acknowledged { what, over_stop_ms })?;
        self.progress.acknowledge();
        Ok(())
    }

    fn refused(&mut self, request: &Message, answer: &Message) -> Result<()> {
        self.location = None;
        self.book.write(&Deed::Refused { what: format!("{answer:?} to {request:?}") })
    }

    fn reset(&mut self, token: Token) -> Result<()> {
        let Some(at) = self.observations.iter().position(|kept| kept.token == token) else { return Ok(()) };
        let known = self.observations.remove(at).known;
        self.book.write(&Deed::Reset { token: hex(token), known })
    }

    /// Sends it until it is answered (RFC 7252 §4.2), every time the very same datagram.
    async fn deliver(&mut self, message: &Message) -> Result<Delivered> {
        let (datagram, begun) = (message.encode()?, self.progress.stopped_ms());
        let spread = self.dice.draw(500);
        let mut pause = ACK_TIMEOUT + ACK_TIMEOUT.mul_f64(spread as f64 / 1000.0);
        for _ in 0..=MAX_RETRANSMIT {
            let over_stop_ms = Some(self.progress.stopped_ms()).filter(|stopped| *stopped > begun);
            self.socket.send(&datagram).await?;
            let mut until = Instant::now() + pause;
            let mut promised = false;
            while let Ok(received) = timeout_at(until, receive(&self.socket)).await {
                let (datagram, answer) = received?;
                self.take(&datagram, &answer).await?;
                if !answers(&answer, message) {
                    continue;
                }
                if message.code.is_request() && answer.code == Code::EMPTY {
                    (promised, until) = (true, Instant::now() + SEPARATE);
                    continue;
                }
                return Ok(Delivered::Answered { answer: Box::new(answer), over_stop_ms });
            }
            if promised {
                return Ok(Delivered::GivenUp);
            }
            pause *= 2;
        }
        Ok(Delivered::GivenUp)
    }

    /// Does what any message of the server calls for, whatever else goes on.
    async fn take(&mut self, datagram: &[u8], message: &Message) -> Result<()> {
        let MessageType::Confirmable = message.message_type else {
            let of_token = |(id, _): &&(MessageId, Token)| *id == message.message_id;
            if message.message_type == MessageType::Reset
                && let Some((_, token)) = self.unconfirmed.iter().find(of_token).copied()
            {
                self.reset(token)?;
            }
            return Ok(());
        };
        if !message.code.is_request() {
            // A separate response, or the same once more.
            let acknowledgement = Message::empty(MessageType::Acknowledgement, message.message_id);
            self.socket.send(&acknowledgement.encode()?).await?;
            return Ok(());
        }
        let known = self.answered.iter().find(|(asked, _)| asked == datagram);
        let answer = if let Some((_, answer)) = known {
            answer.clone()
        } else {
            let answer = self.perform(message)?.encode()?;
            self.answered.push_front((datagram.to_vec(), answer.clone()));
            self.answered.truncate(REMEMBERED);
            answer
        };
        self.socket.send(&answer).await?;
        Ok(())
    }

    fn perform(&mut self, request: &Message) -> Result<Message> {
        let path = format!("/{}", request.options.uri_path()?.join("/"));
        let (code, options, payload) = match (request.code, request.options.observe()) {
            (Code::GET, Some(0)) => {
                self.observations.retain(|kept| kept.path != path);
                self.observations.push(Observation { token: request.token, path, known: false });
                let options = Options::new().with_observe(self.sequence()).with_content_format(TEXT);
                (Code::CONTENT, options, self.value())
            }
            (Code::GET, None) => (Code::CONTENT, Options::new().with_content_format(TEXT), self.value()),
            (Code::PUT | Code::POST, None) => {
                let payload = String::from_utf8_lossy(&request.payload).into_owned();
                self.book.write(&Deed::Performed { execute: request.code == Code::POST, payload })?;
                (Code::CHANGED, Options::new(), String::new())
            }
            _ => bail!("nobody has asked for {request:?}"),
        };
        Ok(Message {
            message_type: MessageType::Acknowledgement,
            code,
            message_id: request.message_id,
            token: request.token,
            options,
            payload: payload.into_bytes(),
        })
    }

    fn confirmable(&mut self, code: Code, options: Options, payload: &[u8]) -> Message {
        self.message_id = self.message_id.wrapping_add(1);
        let id = self.message_id;
        Message {
            message_type: MessageType::Confirmable,
            code,
            message_id: MessageId(id),
            token: Token::new(&id.to_be_bytes()).unwrap_or(Token::EMPTY),
            options,
            payload: payload.to_vec(),
        }
    }

    /// What nobody else has said, nor this device before.
    fn value(&mut self) -> String {
        self.counter += 1;
        format!("{}.{:07}", self.number + 1, self.counter)
    }

    fn sequence(&mut self) -> u32 {
        self.sequence = (self.sequence + 1) % (1 << 24);
        self.sequence
    }
}

pub(crate) fn endpoint(number: usize) -> String {
    format!("ledger-{number}")
}

pub(crate) fn hex(token: Token) -> String {
    console_api::hex_encode(token.as_bytes())
}

fn answers(answer: &Message, message: &Message) -> bool {
    match answer.message_type {
        MessageType::Acknowledgement => {
            answer.message_id == message.message_id
                && (answer.code == Code::EMPTY || answer.token == message.token)
        }
        MessageType::Reset => answer.message_id == message.message_id,
        _ => answer.code.is_response() && message.code.is_request() && answer.token == message.token,
    }
}

async fn receive(socket: &UdpSocket) -> Result<(Vec<u8>, Message)> {
    let mut datagram = vec![0; DATAGRAM];
    let length = socket.recv(&mut datagram).await.context("cannot receive")?;
    datagram.truncate(length);
    let message = Message::decode(&datagram).with_context(|| format!("from the server: {datagram:02x?}"))?;
    Ok((datagram, message))
}
