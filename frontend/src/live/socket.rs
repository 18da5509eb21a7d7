//! The WebSocket: connects, reconnects, hands frames to the store. A tab that nobody looks at has none.

use std::time::Duration;

use console_api::{ClientFrame, PROTOCOL, ServerFrame, Topic, decode, encode};
use leptos::prelude::*;
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{BinaryType, CloseEvent, MessageEvent, WebSocket};

use super::backoff::Backoff;
use super::connection::{Loss, Phase};
use super::position::Position;
use super::pulse::{self, Beat, Pulse};
use super::state::Live;
use crate::browser;

/// How long a tab may be hidden before its connection is closed: looking something up elsewhere costs nothing.
const HIDDEN_GRACE: Duration = Duration::from_secs(5);

/// A server that has not said Hello by then is tried again: a connection that goes nowhere may take minutes to fail.
const HELLO_WITHIN: Duration = Duration::from_secs(10);

/// Close code of a server that stops (RFC 6455 §7.4.1).
const GOING_AWAY: u16 = 1001;

/// The connection of this tab, if there is one.
#[derive(Default)]
pub(crate) struct Link {
    open: Option<Open>,
    /// The server has said Hello: topics may be sent.
    greeted: bool,
    backoff: Backoff,
    /// Counts attempts, so that a timer of an earlier one does nothing.
    attempt: u32,
    position: Position,
    pulse: Pulse,
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
        let on_close = Closure::new(move |close: CloseEvent| lost(live, reason(&close)));
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

    pub(super) fn unsubscribe(&mut self, topic: Topic) {
        self.position.leave(&topic);
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
    live.connection.update(|connection| connection.retry_at_ms = None);
    let open = Open::new(live);
    let failed = open.is_none();
    let attempt = live.with_link(|link, _| {
        link.attempt += 1;
        link.open = open;
        link.attempt
    });
    if failed {
        lost(live, Loss::Broken);
        return;
    }
    let give_up_without_hello = move || {
        let waiting = |link: &mut Link| link.open.is_some() && !link.greeted && Some(link.attempt) == attempt;
        if live.with_link(|link, _| waiting(link)) == Some(true) {
            lost(live, Loss::Broken);
        }
    };
    set_timeout(give_up_without_hello, HELLO_WITHIN);
}

/// Connects, and from now on only while somebody looks.
pub(crate) fn start(live: Live) {
    connect(live);
    for event in ["online", "visibilitychange"] {
        // Leaves with the page.
        let _ = window_event_listener_untyped(event, move |_| look(live));
    }
    look(live);
}

fn look(live: Live) {
    if browser::hidden() {
        // The animation frame that was to show it may not come.
        live.flush();
        let pause_if_still_hidden = move || {
            if browser::hidden() {
                pause(live);
            }
        };
        set_timeout(pause_if_still_hidden, HIDDEN_GRACE);
    } else {
        live.visible.set(true);
        connect(live);
    }
}

/// Nobody looks: nothing is sent, asked or drawn until somebody does.
fn pause(live: Live) {
    live.flush();
    retire(close(live));
    live.visible.set(false);
    let (now_ms, heard_ms) = (live.clock(), live.heard_ms());
    live.connection.update(|connection| {
        connection.phase = connection.phase.paused(now_ms, heard_ms);
        connection.retry_at_ms = None;
    });
}

fn receive(live: Live, message: &MessageEvent) {
    let Ok(buffer) = message.data().dyn_into::<js_sys::ArrayBuffer>() else {
        return;
    };
    let bytes = js_sys::Uint8Array::new(&buffer).to_vec();
    let now_ms = browser::monotonic_ms();
    live.with_link(|link, _| link.pulse.hear(now_ms));
    match decode::<ServerFrame>(&bytes) {
        Ok(ServerFrame::Hello { protocol: PROTOCOL, now_ms, run, .. }) => greet(live, now_ms, run),
        Ok(ServerFrame::Hello { .. }) | Err(_) => refuse(live),
        Ok(ServerFrame::Pong { ping, .. }) => {
            let took = live.with_link(|link, _| link.pulse.pong(ping, now_ms)).flatten();
            if took.is_some() {
                live.round_trip_ms.set(took);
            }
        }
        Ok(frame) => {
            if live.with_link(|link, _| link.position.see(&frame)) == Some(true) {
                live.objects_changed.update(|count| *count += 1);
            }
            live.push(frame);
        }
    }
}

fn greet(live: Live, now_ms: u64, run: u64) {
    live.set_clock(now_ms);
    let greeted = live.with_link(|link, topics| {
        link.greeted = true;
        link.backoff.reset();
        link.pulse = Pulse::default();
        let (frames, missed) = link.position.greet(run, topics);
        for frame in frames {
            link.send(&frame);
        }
        (link.attempt, missed)
    });
    live.server_run.set(run);
    live.connection.update(|connection| {
        connection.phase = Phase::Live;
        connection.lagged = None;
        connection.retry_at_ms = None;
    });
    if let Some((attempt, missed)) = greeted {
        if missed {
            live.objects_changed.update(|count| *count += 1);
        }
        beat(live, attempt);
    }
}

/// Asks whether the server is still there, for as long as the connection of this attempt stands.
fn beat(live: Live, attempt: u32) {
    let next = live.with_link(|link, _| {
        if !link.greeted || link.attempt != attempt {
            return None;
        }
        let beat = link.pulse.beat(browser::monotonic_ms());
        if let Beat::Ping(number) = beat {
            link.send(&ClientFrame::Ping(number));
        }
        Some(beat)
    });
    match next.flatten() {
        Some(Beat::Dead) => lost(live, Loss::Silent),
        Some(Beat::Ping(_) | Beat::Wait) => {
            set_timeout(move || beat(live, attempt), Duration::from_millis(pulse::EVERY_MS.into()));
        }
        None => {}
    }
}

/// Frames of another protocol would be read as nonsense.
fn refuse(live: Live) {
    retire(close(live));
    let (now_ms, heard_ms) = (live.clock(), live.heard_ms());
    live.connection.update(|connection| {
        connection.outdated = true;
        connection.phase = connection.phase.lost(now_ms, heard_ms, Loss::Broken);
    });
}

fn reason(close: &CloseEvent) -> Loss {
    match close.code() {
        GOING_AWAY => Loss::Stopped,
        _ if !browser::online() => Loss::NoNetwork,
        _ => Loss::Broken,
    }
}

fn lost(live: Live, why: Loss) {
    live.flush();
    retire(close(live));
    let next = live.with_link(|link, _| (link.attempt, link.backoff.next_ms(browser::random())));
    let Some((attempt, wait_ms)) = next else {
        return;
    };
    let (now_ms, heard_ms) = (live.clock(), live.heard_ms());
    live.round_trip_ms.set(None);
    live.connection.update(|connection| {
        connection.phase = connection.phase.lost(now_ms, heard_ms, why);
        connection.retry_at_ms = Some(now_ms + u64::from(wait_ms));
    });
    let retry = move || {
        let current = live.with_link(|link, _| link.attempt) == Some(attempt);
        if current && live.visible.get_untracked() {
            connect(live);
        }
    };
    set_timeout(retry, Duration::from_millis(wait_ms.into()));
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
