//! `GET /api/v1/ws`: what happens, to every console that has it on its screen.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use axum::{
    Extension,
    body::Bytes,
    extract::{
        State as Extract,
        ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade, close_code},
    },
    response::Response,
};
use console_api::{ClientFrame, Event, PROTOCOL, ServerFrame, Topic, decode, encode};
use tokio::sync::{broadcast, watch};

use super::{State, stop_requested};
use crate::{
    clock::Clock,
    fleet::{Fleet, News},
    trace::{
        Trace,
        follower::{self, Follower},
    },
};

/// Events are collected this long into one frame.
const FLUSH: Duration = Duration::from_millis(12);

/// Events in one frame. Beyond, the frame is sent at once.
const EVENTS_PER_FRAME: usize = 512;

/// Topics of one console. Beyond, a subscription closes the connection.
const TOPICS: usize = 64;

/// Longest message of a console: a topic with the longest endpoint name.
const MESSAGE_BYTES: usize = 1_024;

#[derive(Clone)]
pub(super) struct Stopped(pub(super) watch::Receiver<bool>);

pub(super) async fn connect(
    Extract(state): Extract<State>,
    Extension(Stopped(stopped)): Extension<Stopped>,
    upgrade: WebSocketUpgrade,
) -> Response {
    upgrade.max_message_size(MESSAGE_BYTES).on_upgrade(move |socket| async move {
        let console = Console {
            news: state.fleet.subscribe(),
            trace: state.trace,
            follower: None,
            fleet: state.fleet,
            socket,
            clock: state.clock,
            topics: BTreeSet::new(),
        };
        // An error means that the browser has gone.
        let _ = console.run(state.clock.now().as_millis(), stopped).await;
    })
}

/// One browser tab.
struct Console {
    socket: WebSocket,
    fleet: Arc<Fleet>,
    clock: Clock,
    news: broadcast::Receiver<Arc<News>>,
    trace: Arc<Trace>,
    follower: Option<Follower>,
    topics: BTreeSet<Topic>,
}

impl Console {
    async fn run(mut self, now_ms: u64, stopped: watch::Receiver<bool>) -> Result<(), axum::Error> {
        let server_version = env!("CARGO_PKG_VERSION").to_owned();
        let hello = ServerFrame::Hello { protocol: PROTOCOL, server_version, now_ms, run: now_ms };
        self.send(&hello).await?;
        let stop = stop_requested(stopped);
        tokio::pin!(stop);
        loop {
            tokio::select! {
                () = &mut stop => return self.close(close_code::AWAY, "the server is stopping").await,
                message = self.socket.recv() => match message {
                    Some(Ok(Message::Binary(bytes))) => match decode(&bytes) {
                        Ok(frame) => self.handle(frame).await?,
                        Err(error) => return self.close(close_code::PROTOCOL, &error.to_string()).await,
                    },
                    Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                    Some(Ok(Message::Text(_))) => {
                        return self.close(close_code::UNSUPPORTED, "binary frames expected, got text").await;
                    }
                    Some(Ok(Message::Close(_))) | None => return Ok(()),
                    Some(Err(error)) => return Err(error),
                },
                news = self.news.recv() => self.tell(news).await?,
                part = follower::next(self.follower.as_mut()) => self.send(&ServerFrame::Trace(part)).await?,
            }
        }
    }

    async fn handle(&mut self, frame: ClientFrame) -> Result<(), axum::Error> {
        match frame {
            ClientFrame::Subscribe(topic) => self.subscribe(topic).await,
            ClientFrame::Unsubscribe(topic) => {
                self.unsubscribe(&topic);
                Ok(())
            }
            ClientFrame::Resume { topics, .. } => {
                for topic in topics {
                    self.subscribe(topic).await?;
                }
                Ok(())
            }
            ClientFrame::Ping(ping) => {
                self.send(&ServerFrame::Pong { ping, now_ms: self.clock.now().as_millis() }).await
            }
        }
    }

    async fn subscribe(&mut self, topic: Topic) -> Result<(), axum::Error> {
        self.unsubscribe(&topic);
        if self.topics.len() >= TOPICS {
            let why = format!("at most {TOPICS} topics expected, got one more");
            return self.close(close_code::POLICY, &why).await;
        }
        // What has happened before the snapshot is part of it, so the snapshot must not be older than
        // anything that this console was already told.
        self.tell_waiting().await?;
        if let Topic::Trace(endpoint) = &topic {
            // What is there follows by itself.
            self.follower = Some(Follower::new(Arc::clone(&self.trace), endpoint.clone()));
        }
        self.topics.insert(topic.clone());
        self.snapshot(&topic).await
    }

    fn unsubscribe(&mut self, topic: &Topic) {
        if let Topic::Trace(_) = topic {
            self.follower = None;
        }
        self.topics.retain(|known| match (known, topic) {
            (Topic::Fleet(_), Topic::Fleet(_)) | (Topic::Trace(_), Topic::Trace(_)) => false,
            (known, topic) => known != topic,
        });
    }

    /// A topic as it is now. Events that are still waiting may repeat a part of it; each replaces, none adds up.
    async fn snapshot(&mut self, topic: &Topic) -> Result<(), axum::Error> {
        let frame = {
            let view = self.fleet.view();
            match topic {
                Topic::Fleet(wanted) => ServerFrame::Fleet(view.window(wanted)),
                Topic::Device(endpoint) => ServerFrame::Device(view.device(endpoint)),
                Topic::Trace(_) => return Ok(()),
            }
        };
        self.send(&frame).await
    }

    async fn tell_waiting(&mut self) -> Result<(), axum::Error> {
        match self.news.try_recv() {
            Ok(first) => self.tell(Ok(first)).await,
            Err(broadcast::error::TryRecvError::Lagged(missed)) => {
                self.tell(Err(broadcast::error::RecvError::Lagged(missed))).await
            }
            Err(_) => Ok(()),
        }
    }

    /// Collects what happens within [`FLUSH`] and sends it together.
    async fn tell(
        &mut self,
        first: Result<Arc<News>, broadcast::error::RecvError>,
    ) -> Result<(), axum::Error> {
        let mut events = Vec::new();
        let mut next = first;
        let flush = tokio::time::Instant::now() + FLUSH;
        loop {
            match next {
                Ok(news) => events.extend(self.wanted(&news)),
                Err(broadcast::error::RecvError::Lagged(missed)) => return self.repair(missed).await,
                Err(broadcast::error::RecvError::Closed) => break,
            }
            if events.len() >= EVENTS_PER_FRAME {
                break;
            }
            match tokio::time::timeout_at(flush, self.news.recv()).await {
                Ok(news) => next = news,
                Err(_) => break,
            }
        }
        if events.is_empty() { Ok(()) } else { self.send(&ServerFrame::Events { seq: 0, events }).await }
    }

    /// This console was too slow: it is told so, and its topics start again from what is true now.
    async fn repair(&mut self, missed: u64) -> Result<(), axum::Error> {
        self.send(&ServerFrame::Lagged { missed }).await?;
        self.news = self.fleet.subscribe();
        for topic in self.topics.clone() {
            self.snapshot(&topic).await?;
        }
        Ok(())
    }

    fn wanted(&self, news: &News) -> Option<Event> {
        let of_the_fleet =
            matches!(news.event, Event::Registered(_) | Event::Updated(_) | Event::Departed { .. });
        let wanted = matches!(news.event, Event::ObjectsChanged)
            || (of_the_fleet && self.topics.iter().any(|topic| matches!(topic, Topic::Fleet(_))))
            || self.topics.contains(&Topic::Device(news.endpoint.clone()));
        wanted.then(|| news.event.clone())
    }

    async fn send(&mut self, frame: &ServerFrame) -> Result<(), axum::Error> {
        let bytes = encode(frame).map_err(axum::Error::new)?;
        self.socket.send(Message::Binary(Bytes::from(bytes))).await
    }

    async fn close(&mut self, code: u16, why: &str) -> Result<(), axum::Error> {
        let reason = why.to_owned().into();
        self.socket.send(Message::Close(Some(CloseFrame { code, reason }))).await
    }
}
