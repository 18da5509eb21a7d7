use std::net::SocketAddr;

use anyhow::{Context as _, Result, bail};
use console_api::{
    ClientFrame, Event, FleetWindow, PROTOCOL, Reported, ServerFrame, Source, Topic, decode, encode,
};
use futures_util::{SinkExt as _, StreamExt as _};
use tokio::{
    net::{TcpSocket, TcpStream},
    time::timeout,
};
use tokio_tungstenite::{WebSocketStream, client_async, tungstenite::Message};

use crate::wait::PATIENCE;

/// Bytes that the system keeps for a console that reads slowly.
const NARROW_BYTES: u32 = 8_192;

/// The WebSocket of a console: what happens, as it happens.
pub struct Events {
    socket: WebSocketStream<TcpStream>,
    /// As the server greeted.
    pub run: u64,
    /// Events of a frame that has been read, but not asked for yet.
    pending: std::vec::IntoIter<Event>,
}

impl Events {
    /// Connects and takes the greeting.
    pub async fn connect(server: SocketAddr) -> Result<Self> {
        Self::over(TcpStream::connect(server).await?, server).await
    }

    /// Connects as a console for which the system buffers little.
    pub async fn connect_narrow(server: SocketAddr) -> Result<Self> {
        let socket = TcpSocket::new_v4()?;
        socket.set_recv_buffer_size(NARROW_BYTES)?;
        Self::over(socket.connect(server).await?, server).await
    }

    async fn over(stream: TcpStream, server: SocketAddr) -> Result<Self> {
        let (socket, _) = client_async(format!("ws://{server}/api/v1/ws"), stream).await?;
        let mut events = Self { socket, run: 0, pending: Vec::new().into_iter() };
        match events.frame().await? {
            ServerFrame::Hello { protocol: PROTOCOL, run, .. } => {
                events.run = run;
                Ok(events)
            }
            other => bail!("expected Hello of protocol {PROTOCOL}, got {other:?}"),
        }
    }

    /// Subscribes and returns the snapshot.
    pub async fn subscribe(&mut self, topic: Topic) -> Result<ServerFrame> {
        self.send(&ClientFrame::Subscribe(topic.clone())).await?;
        loop {
            match (self.frame().await?, &topic) {
                (frame @ ServerFrame::Fleet(_), Topic::Fleet(_)) => return Ok(frame),
                (frame @ ServerFrame::Device(_), Topic::Device(_)) => return Ok(frame),
                (frame @ ServerFrame::Trace(_), Topic::Trace(_)) => return Ok(frame),
                (frame @ ServerFrame::Commands(_), Topic::Commands(_))
                | (frame @ ServerFrame::BootstrapSessions(_), Topic::BootstrapSessions(_))
                | (frame @ ServerFrame::BootstrapSession { .. }, Topic::BootstrapSession(_))
                | (frame @ ServerFrame::AccessControlRun { .. }, Topic::AccessControlRun(_)) => {
                    return Ok(frame);
                }
                // Events of other topics go on meanwhile; the snapshot is newer than they are.
                (ServerFrame::Events { .. }, _) => {}
                (other, _) => bail!("expected a snapshot of {topic:?}, got {other:?}"),
            }
        }
    }

    /// Sends a frame.
    pub async fn send(&mut self, frame: &ClientFrame) -> Result<()> {
        Ok(self.socket.send(Message::binary(encode(frame)?)).await?)
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

    /// The next window of the fleet.
    pub async fn window(&mut self) -> Result<FleetWindow> {
        loop {
            match self.frame().await.context("waiting for a window of the fleet")? {
                ServerFrame::Fleet(window) => return Ok(window),
                ServerFrame::Events { .. } => {}
                other => bail!("expected a window, got {other:?}"),
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

    /// The next event.
    pub async fn event(&mut self) -> Result<Event> {
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
                | ServerFrame::Commands(_)
                | ServerFrame::BootstrapSessions(_)
                | ServerFrame::BootstrapSession { .. }
                | ServerFrame::AccessControlRun { .. }
                | ServerFrame::Pong { .. } => {}
            }
        }
    }

    /// The next frame.
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
