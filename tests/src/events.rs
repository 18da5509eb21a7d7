use std::net::SocketAddr;

use anyhow::{Context as _, Result, bail};
use console_api::{ClientFrame, Event, PROTOCOL, Reported, ServerFrame, Source, Topic, decode, encode};
use futures_util::{SinkExt as _, StreamExt as _};
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{WebSocketStream, client_async, tungstenite::Message};

use crate::wait::PATIENCE;

/// The WebSocket of a console: what happens, as it happens.
pub struct Events {
    socket: WebSocketStream<TcpStream>,
    /// Events of a frame that has been read, but not asked for yet.
    pending: std::vec::IntoIter<Event>,
}

impl Events {
    /// Connects and takes the greeting.
    pub async fn connect(server: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(server).await?;
        let (socket, _) = client_async(format!("ws://{server}/api/v1/ws"), stream).await?;
        let mut events = Self { socket, pending: Vec::new().into_iter() };
        match events.frame().await? {
            ServerFrame::Hello { protocol: PROTOCOL, .. } => Ok(events),
            other => bail!("expected Hello of protocol {PROTOCOL}, got {other:?}"),
        }
    }

    /// Subscribes and returns the snapshot.
    pub async fn subscribe(&mut self, topic: Topic) -> Result<ServerFrame> {
        let frame = encode(&ClientFrame::Subscribe(topic.clone()))?;
        self.socket.send(Message::binary(frame)).await?;
        loop {
            match (self.frame().await?, &topic) {
                (frame @ ServerFrame::Fleet(_), Topic::Fleet(_)) => return Ok(frame),
                (frame @ ServerFrame::Device(_), Topic::Device(_)) => return Ok(frame),
                (frame @ ServerFrame::Trace(_), Topic::Trace(_)) => return Ok(frame),
                // Events of other topics go on meanwhile; the snapshot is newer than they are.
                (ServerFrame::Events { .. }, _) => {}
                (other, _) => bail!("expected a snapshot of {topic:?}, got {other:?}"),
            }
        }
    }

    /// The next event that `wanted` makes something of.
    pub async fn find<T>(&mut self, what: &str, wanted: impl Fn(Event) -> Option<T>) -> Result<T> {
        loop {
            let event = self.event().await.with_context(|| format!("waiting for {what}"))?;
            if let Some(found) = wanted(event) {
                return Ok(found);
            }
        }
    }

    /// The next payload of that source.
    pub async fn reported(&mut self, source: Source) -> Result<Reported> {
        self.find(&format!("a payload of {source:?}"), |event| match event {
            Event::Reported(reported) if reported.source == source => Some(reported),
            _ => None,
        })
        .await
    }

    async fn event(&mut self) -> Result<Event> {
        loop {
            if let Some(event) = self.pending.next() {
                return Ok(event);
            }
            match self.frame().await? {
                ServerFrame::Events { events, .. } => self.pending = events.into_iter(),
                ServerFrame::Lagged { missed } => bail!("the server dropped {missed} events"),
                ServerFrame::Refused(error) => bail!("the server refused: {error:?}"),
                ServerFrame::Hello { .. }
                | ServerFrame::Resumed
                | ServerFrame::Fleet(_)
                | ServerFrame::Device(_)
                | ServerFrame::Trace(_)
                | ServerFrame::Pong { .. } => {}
            }
        }
    }

    pub async fn frame(&mut self) -> Result<ServerFrame> {
        loop {
            let message = timeout(PATIENCE, self.socket.next()).await.context("no frame came")?;
            match message.context("the server closed the WebSocket")?? {
                Message::Binary(bytes) => return Ok(decode(&bytes)?),
                Message::Ping(_) | Message::Pong(_) => {}
                other => bail!("expected a binary frame, got {other:?}"),
            }
        }
    }
}
