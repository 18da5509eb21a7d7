//! The WebSocket: connects, reconnects, hands frames to the store.

use std::time::Duration;

use console_api::{ClientFrame, PROTOCOL, ServerFrame, Topic, decode, encode};
use leptos::prelude::*;
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{BinaryType, CloseEvent, MessageEvent, WebSocket};

use super::backoff::Backoff;
use super::state::{Live, Phase};
use crate::browser;

/// The connection of this tab, if there is one.
#[derive(Default)]
pub(crate) struct Link {
    open: Option<Open>,
    /// The server has said Hello: topics may be sent.
    greeted: bool,
    backoff: Backoff,
    /// Counts attempts, so that a timer of an earlier one does nothing.
    attempt: u32,
}

struct Open {
    socket: WebSocket,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
    _on_close: Closure<dyn FnMut(CloseEvent)>,
}

impl Open {
    fn new(live: Live) -> Option<Self> {
        let socket = WebSocket::new(&browser::socket_address("/api/v1/ws")).ok()?;
        socket.set_binary_type(BinaryType::Arraybuffer);
        let on_message = Closure::new(move |message: MessageEvent| receive(live, &message));
        let on_close = Closure::new(move |_: CloseEvent| lost(live));
        socket.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        socket.set_onclose(Some(on_close.as_ref().unchecked_ref()));
        Some(Self { socket, _on_message: on_message, _on_close: on_close })
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.socket.set_onmessage(None);
        self.socket.set_onclose(None);
        // Closing what is closed is not an error worth telling.
        let _ = self.socket.close();
    }
}

impl Link {
    pub(super) fn subscribe(&self, topic: Topic) {
        self.send(&ClientFrame::Subscribe(topic));
    }

    pub(super) fn unsubscribe(&self, topic: Topic) {
        self.send(&ClientFrame::Unsubscribe(topic));
    }

    /// Before the Hello nothing is sent: all topics go out with it.
    fn send(&self, frame: &ClientFrame) {
        if let (true, Some(open), Ok(bytes)) = (self.greeted, &self.open, encode(frame)) {
            // A socket that has just closed refuses; the topics are sent again on the next one.
            let _ = open.socket.send_with_u8_array(&bytes);
        }
    }
}

/// Connects now, whatever a timer has planned. Does nothing while a connection stands or is being made.
pub(crate) fn connect(live: Live) {
    let idle = live.with_link(|link, _| link.open.is_none()).unwrap_or(false);
    if !idle || live.connection.with_untracked(|connection| connection.outdated) {
        return;
    }
    let open = Open::new(live);
    let failed = open.is_none();
    live.with_link(|link, _| {
        link.attempt += 1;
        link.open = open;
    });
    if failed {
        lost(live);
    }
}

fn receive(live: Live, message: &MessageEvent) {
    let Ok(buffer) = message.data().dyn_into::<js_sys::ArrayBuffer>() else {
        return;
    };
    let bytes = js_sys::Uint8Array::new(&buffer).to_vec();
    match decode::<ServerFrame>(&bytes) {
        Ok(ServerFrame::Hello { protocol: PROTOCOL, now_ms, .. }) => greet(live, now_ms),
        Ok(ServerFrame::Hello { .. }) | Err(_) => refuse(live),
        Ok(frame) => live.push(frame),
    }
}

fn greet(live: Live, now_ms: u64) {
    live.set_clock(now_ms);
    live.with_link(|link, topics| {
        link.greeted = true;
        link.backoff.reset();
        for topic in topics {
            link.subscribe(topic.clone());
        }
    });
    live.connection.update(|connection| {
        connection.phase = Phase::Live;
        connection.lagged = None;
    });
}

/// Frames of another protocol would be read as nonsense.
fn refuse(live: Live) {
    retire(close(live));
    let phase = offline(live);
    live.connection.update(|connection| {
        connection.outdated = true;
        connection.phase = phase;
    });
}

fn lost(live: Live) {
    live.flush();
    retire(close(live));
    let phase = offline(live);
    live.connection.update(|connection| connection.phase = phase);
    let next = live.with_link(|link, _| (link.attempt, link.backoff.next_ms(browser::random())));
    if let Some((attempt, wait_ms)) = next {
        let retry = move || {
            if live.with_link(|link, _| link.attempt) == Some(attempt) {
                connect(live);
            }
        };
        set_timeout(retry, Duration::from_millis(wait_ms.into()));
    }
}

fn close(live: Live) -> Option<Open> {
    live.with_link(|link, _| {
        link.greeted = false;
        link.open.take()
    })
    .flatten()
}

/// The closure that runs right now belongs to what is dropped: it returns first.
fn retire(closed: Option<Open>) {
    set_timeout(move || drop(closed), Duration::ZERO);
}

fn offline(live: Live) -> Phase {
    match live.connection.with_untracked(|connection| connection.phase) {
        offline @ Phase::Offline { .. } => offline,
        Phase::Connecting | Phase::Live => {
            Phase::Offline { since_ms: live.clock(), values_ms: live.heard_ms() }
        }
    }
}
