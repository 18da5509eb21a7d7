use std::net::SocketAddr;

use anyhow::{Context as _, Result, bail};
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines},
    net::TcpStream,
    time::timeout,
};
use tokio_tungstenite::{WebSocketStream, client_async, tungstenite::Message};

use crate::wait::PATIENCE;

/// The WebSocket of a script: `?format=json`.
pub struct JsonEvents(WebSocketStream<TcpStream>);

impl JsonEvents {
    pub async fn connect(server: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(server).await?;
        let (socket, _) = client_async(format!("ws://{server}/api/v1/ws?format=json"), stream).await?;
        Ok(Self(socket))
    }

    pub async fn send(&mut self, frame: &str) -> Result<()> {
        Ok(self.0.send(Message::text(frame)).await?)
    }

    /// The next frame.
    pub async fn frame(&mut self) -> Result<Value> {
        loop {
            let message = timeout(PATIENCE, self.0.next()).await.context("no frame came")?;
            match message.context("the server closed the WebSocket")?? {
                Message::Text(text) => return Ok(serde_json::from_str(&text)?),
                Message::Ping(_) | Message::Pong(_) => {}
                other => bail!("expected a text frame, got {other:?}"),
            }
        }
    }
}

/// Server-Sent Events of `/api/v1/events`.
pub struct EventStream(Lines<BufReader<TcpStream>>);

/// A Server-Sent Event.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SentEvent {
    pub id: Option<String>,
    pub name: Option<String>,
    pub data: Value,
}

impl EventStream {
    pub async fn connect(server: SocketAddr, path: &str, last_event_id: Option<&str>) -> Result<Self> {
        let mut stream = TcpStream::connect(server).await?;
        let last = last_event_id.map(|id| format!("last-event-id: {id}\r\n")).unwrap_or_default();
        let request =
            format!("GET {path} HTTP/1.1\r\nhost: {server}\r\naccept: text/event-stream\r\n{last}\r\n");
        stream.write_all(request.as_bytes()).await?;
        let mut events = Self(BufReader::new(stream).lines());
        let status = events.line().await?;
        anyhow::ensure!(status.contains(" 200 "), "{status}");
        while !events.line().await?.is_empty() {}
        Ok(events)
    }

    /// The next event.
    pub async fn event(&mut self) -> Result<SentEvent> {
        let mut event = SentEvent::default();
        loop {
            let line = self.line().await?;
            if let Some(id) = line.strip_prefix("id: ") {
                event.id = Some(id.to_owned());
            } else if let Some(name) = line.strip_prefix("event: ") {
                event.name = Some(name.to_owned());
            } else if let Some(data) = line.strip_prefix("data: ") {
                event.data = serde_json::from_str(data)?;
            } else if line.is_empty() && !event.data.is_null() {
                return Ok(event);
            }
        }
    }

    /// The next line. Lengths of chunks are among them, and look like nothing that an event has.
    async fn line(&mut self) -> Result<String> {
        let line = timeout(PATIENCE, self.0.next_line()).await.context("nothing came")??;
        line.context("the server closed the connection")
    }
}
