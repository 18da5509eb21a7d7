use anyhow::{Context as _, Result};
use coap::{Code, Message, MessageId, MessageType, Options, Token};

/// A list as devices of today have it: account, device, firmware, location, one sensor.
const LINKS: &str = "</>;rt=\"oma.lwm2m\";ct=\"60 110 112\",</1/0>,</3/0>,</4/0>,</5/0>,</6/0>,</3303/0>";

/// The observed resource.
pub const OBSERVED: &str = "/3303/0/5700";

/// One device as far as its datagrams go.
#[derive(Clone, Debug)]
pub struct Device {
    pub endpoint: String,
    next_message_id: u16,
    location: String,
    observation: Token,
    sequence: u32,
}

impl Device {
    pub fn new(number: usize) -> Self {
        Self {
            endpoint: format!("urn:dev:ops:32473-bench-{number:06}"),
            next_message_id: number as u16,
            location: String::new(),
            observation: Token::EMPTY,
            sequence: 0,
        }
    }

    pub fn register(&mut self) -> Result<Vec<u8>> {
        let ep = format!("ep={}", self.endpoint);
        let options = Options::new().with_path("/rd").with_content_format(40);
        let options =
            [ep.as_str(), "lt=86400", "lwm2m=1.1", "b=U"].into_iter().fold(options, Options::with_query);
        self.request(options, LINKS.as_bytes())
    }

    pub fn registered(&mut self, answer: &[u8]) -> Result<()> {
        let answer = Message::decode(answer)?;
        anyhow::ensure!(answer.code == Code::CREATED, "Register was answered {}", answer.code);
        self.location = format!("/{}", answer.options.location_path()?.join("/"));
        Ok(())
    }

    /// What it has learnt, so that it is not counted as the server's.
    pub fn location_bytes(&self) -> usize {
        self.location.capacity()
    }

    /// An Update that only renews.
    pub fn update(&mut self) -> Result<Vec<u8>> {
        self.request(Options::new().with_path(&self.location), b"")
    }

    /// Takes the Observe of the server; the answer to send.
    pub fn observe(&mut self, request: &[u8]) -> Result<Vec<u8>> {
        let request = Message::decode(request)?;
        request.options.observe().context("the server should ask for an observation")?;
        self.observation = request.token;
        let mut answer = self.content(MessageType::Acknowledgement);
        answer.message_id = request.message_id;
        Ok(answer.encode()?)
    }

    /// A value that nobody has asked for.
    pub fn send_value(&mut self) -> Result<Vec<u8>> {
        let options = Options::new().with_path("/dp").with_content_format(110);
        self.request(options, format!(r#"[{{"n":"{OBSERVED}","v":21.5}}]"#).as_bytes())
    }

    pub fn notification(&mut self) -> Result<Vec<u8>> {
        self.sequence += 1;
        Ok(self.content(MessageType::Confirmable).encode()?)
    }

    fn content(&mut self, message_type: MessageType) -> Message {
        Message {
            message_type,
            code: Code::CONTENT,
            message_id: self.message_id(),
            token: self.observation,
            options: Options::new().with_observe(self.sequence).with_content_format(0),
            payload: format!("{:.1}", 20.0 + f64::from(self.sequence % 100) / 10.0).into_bytes(),
        }
    }

    fn request(&mut self, options: Options, payload: &[u8]) -> Result<Vec<u8>> {
        let message_id = self.message_id();
        let token = Token::new(&message_id.0.to_be_bytes()).context("two bytes make a token")?;
        let message_type = MessageType::Confirmable;
        let payload = payload.to_vec();
        Ok(Message { message_type, code: Code::POST, message_id, token, options, payload }.encode()?)
    }

    const fn message_id(&mut self) -> MessageId {
        self.next_message_id = self.next_message_id.wrapping_add(1);
        MessageId(self.next_message_id)
    }
}
