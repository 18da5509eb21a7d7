use std::{net::SocketAddr, time::Duration};

use anyhow::{Context as _, Result, bail, ensure};
use coap::{Block, Code, Message, MessageId, MessageType, Options, Token};
use tokio::{net::UdpSocket, time::timeout};

use crate::wait::PATIENCE;

/// How long a peer listens to be sure that no answer comes.
const SILENCE: Duration = Duration::from_millis(300);
/// Largest datagram that a test expects.
const DATAGRAM: usize = 2048;

/// A device, or something that is none: it sends exactly what the test scripts.
pub struct RawPeer {
    socket: UdpSocket,
    message_id: u16,
}

impl RawPeer {
    pub async fn connect(server: SocketAddr) -> Result<Self> {
        let socket = UdpSocket::bind(("127.0.0.1", 0)).await?;
        socket.connect(server).await?;
        Ok(Self { socket, message_id: 0x4000 })
    }

    pub fn address(&self) -> Result<SocketAddr> {
        Ok(self.socket.local_addr()?)
    }

    pub async fn send_bytes(&self, datagram: &[u8]) -> Result<()> {
        self.socket.send(datagram).await.context("cannot send")?;
        Ok(())
    }

    pub async fn send(&self, message: &Message) -> Result<()> {
        self.send_bytes(&message.encode()?).await
    }

    pub async fn receive_bytes(&self) -> Result<Vec<u8>> {
        let mut datagram = vec![0; DATAGRAM];
        let received = timeout(PATIENCE, self.socket.recv(&mut datagram)).await;
        let length = received.context("the server sends nothing")?.context("cannot receive")?;
        datagram.truncate(length);
        Ok(datagram)
    }

    pub async fn receive(&self) -> Result<Message> {
        let datagram = self.receive_bytes().await?;
        Message::decode(&datagram).with_context(|| format!("from the server: {datagram:02x?}"))
    }

    /// Sends a confirmable request with a payload in blocks and returns the response to the last one.
    pub async fn exchange_in_blocks(
        &mut self,
        code: Code,
        options: &Options,
        payload: &[u8],
        szx: u8,
    ) -> Result<Message> {
        let size = Block { num: 0, more: false, szx }.size();
        let last = payload.chunks(size).len().saturating_sub(1);
        for (num, block) in payload.chunks(size).enumerate() {
            let more = num < last;
            let option = Block { num: u32::try_from(num)?, more, szx };
            let response = self.exchange(code, options.clone().with_block1(option), block).await?;
            if !more {
                return Ok(response);
            }
            ensure!(response.code == Code::CONTINUE, "expected 2.31 to block {num}, got {response:?}");
        }
        bail!("an empty payload has no blocks")
    }

    /// The next request of the server, which must be this one.
    pub async fn receive_request(&self, code: Code, path: &str) -> Result<Message> {
        let request = self.receive().await?;
        let got = format!("/{}", request.options.uri_path()?.join("/"));
        ensure!(request.code == code && got == path, "expected {code} {path}, got {} {got}", request.code);
        ensure!(request.message_type == MessageType::Confirmable, "a request should be confirmable");
        Ok(request)
    }

    /// Fails when the server sends anything now.
    pub async fn expect_silence(&self) -> Result<()> {
        let mut datagram = vec![0; DATAGRAM];
        if let Ok(received) = timeout(SILENCE, self.socket.recv(&mut datagram)).await {
            datagram.truncate(received?);
            bail!("expected nothing, got {:?}", Message::decode(&datagram));
        }
        Ok(())
    }

    /// A confirmable message with a message id and token of its own.
    pub fn confirmable(&mut self, code: Code, options: Options, payload: &[u8]) -> Message {
        let message_id = self.next_message_id();
        Message {
            message_type: MessageType::Confirmable,
            code,
            message_id,
            token: Token::new(&message_id.0.to_be_bytes()).unwrap_or(Token::EMPTY),
            options,
            payload: payload.to_vec(),
        }
    }

    /// Sends a confirmable request and returns the piggybacked response.
    pub async fn exchange(&mut self, code: Code, options: Options, payload: &[u8]) -> Result<Message> {
        let request = self.confirmable(code, options, payload);
        self.send(&request).await?;
        let response = self.receive().await?;
        ensure!(
            response.message_type == MessageType::Acknowledgement
                && response.message_id == request.message_id
                && response.token == request.token,
            "expected the response to {request:?}, got {response:?}"
        );
        Ok(response)
    }

    /// Registers with `links` and returns the location: `/rd/…`.
    pub async fn register(&mut self, endpoint: &str, lifetime_s: u32, links: &str) -> Result<String> {
        self.register_with(register_options(endpoint, lifetime_s), links).await
    }

    /// Registers as a client of that version of LwM2M.
    pub async fn register_as(&mut self, version: &str, endpoint: &str, links: &str) -> Result<String> {
        let options = Options::new().with_path("/rd").with_content_format(40);
        let options = options.with_query(&format!("ep={endpoint}")).with_query("lt=300");
        self.register_with(options.with_query(&format!("lwm2m={version}")), links).await
    }

    async fn register_with(&mut self, options: Options, links: &str) -> Result<String> {
        let response = self.exchange(Code::POST, options, links.as_bytes()).await?;
        ensure!(response.code == Code::CREATED, "expected 2.01, got {response:?}");
        Ok(format!("/{}", response.options.location_path()?.join("/")))
    }

    /// Answers a request of the server in the acknowledgement.
    pub async fn answer(
        &self,
        request: &Message,
        code: Code,
        options: Options,
        payload: &[u8],
    ) -> Result<()> {
        self.send(&Message {
            message_type: MessageType::Acknowledgement,
            code,
            message_id: request.message_id,
            token: request.token,
            options,
            payload: payload.to_vec(),
        })
        .await
    }

    /// Sends a notification of the observation that `request` asked for.
    pub async fn notify(
        &mut self,
        request: &Message,
        confirmable: bool,
        options: Options,
        payload: &[u8],
    ) -> Result<Message> {
        let mut notification = self.confirmable(Code::CONTENT, options, payload);
        notification.token = request.token;
        if !confirmable {
            notification.message_type = MessageType::NonConfirmable;
        }
        self.send(&notification).await?;
        Ok(notification)
    }

    /// The next message, which must be the empty answer of that type to `message`.
    pub async fn expect_empty(&self, message_type: MessageType, message: &Message) -> Result<()> {
        let answer = self.receive().await?;
        let expected = Message::empty(message_type, message.message_id);
        ensure!(answer == expected, "expected {expected:?}, got {answer:?}");
        Ok(())
    }

    const fn next_message_id(&mut self) -> MessageId {
        self.message_id += 1;
        MessageId(self.message_id)
    }
}

/// Register of LwM2M 1.1 over UDP with the usual parameters.
pub fn register_options(endpoint: &str, lifetime_s: u32) -> Options {
    Options::new()
        .with_path("/rd")
        .with_content_format(40)
        .with_query(&format!("ep={endpoint}"))
        .with_query(&format!("lt={lifetime_s}"))
        .with_query("lwm2m=1.1")
        .with_query("b=U")
}
