//! `GET /api/v1/events`: what has happened, as a list or as a stream of Server-Sent Events.

use std::{collections::VecDeque, convert::Infallible};

use axum::{
    Extension, Json,
    extract::State as Extract,
    http::{HeaderMap, header},
    response::{
        IntoResponse, Response, Sse,
        sse::{Event, KeepAlive},
    },
};
use console_api::EventList;
use futures_util::stream::{self, Stream, StreamExt as _};
use serde_json::{Value, json};

use super::{
    State,
    decoded::Decoding,
    error::Failure,
    extract::{Asked, page_limit},
    stop_requested,
    websocket::Stopped,
};
use crate::fleet::{Missed, News, Reader};

/// Events that are looked at in one go for a stream.
const AT_ONCE: usize = 256;

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    /// The number of the last event that the caller has seen. A list begins with what is there, and a stream with
    /// what comes, when there is none.
    after: Option<u64>,
    limit: Option<usize>,
    /// Only those of this client.
    endpoint: Option<String>,
}

pub(super) async fn list(
    Extract(state): Extract<State>,
    Extension(Stopped(stopped)): Extension<Stopped>,
    headers: HeaderMap,
    Asked(wanted): Asked<Wanted>,
) -> Result<Response, Failure> {
    let accepts = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    if accepts.contains("text/event-stream") {
        if !state.fleet.has_room_for_reader() {
            return Err(Failure::too_many_consoles());
        }
        let last = headers.get("last-event-id").and_then(|id| id.to_str().ok()).map(str::to_owned);
        let events = Follower::new(&state, wanted, last.as_deref())
            .stream()
            .take_until(Box::pin(stop_requested(stopped)));
        return Ok(Sse::new(events).keep_alive(KeepAlive::default()).into_response());
    }
    let limit = page_limit(wanted.limit)?;
    // Who asks once will ask again.
    state.fleet.keep_events();
    Ok(Json(listed(&state, &wanted, limit)).into_response())
}

fn listed(state: &State, wanted: &Wanted, limit: usize) -> EventList<Value> {
    let view = state.fleet.view();
    let (news, missed) = match view.news(wanted.after.unwrap_or(view.before_oldest()), usize::MAX) {
        Ok(news) => (news, 0),
        Err(Missed(missed)) => (view.news(view.before_oldest(), usize::MAX).unwrap_or_default(), missed),
    };
    let (run, mut seq) = (state.fleet.run, view.seq());
    drop(view);
    let mut events = Vec::new();
    for news in news {
        if events.len() == limit {
            break;
        }
        seq = news.seq;
        events.extend(numbered(state, &news, wanted.endpoint.as_deref()));
    }
    EventList { run, seq, missed, events }
}

/// One caller that stays.
struct Follower {
    state: State,
    reader: Reader,
    endpoint: Option<String>,
    cursor: u64,
    ready: VecDeque<Event>,
}

impl Follower {
    fn new(state: &State, wanted: Wanted, last: Option<&str>) -> Self {
        let reader = state.fleet.reader();
        let newest = state.fleet.view().seq();
        let (mut ready, mut cursor) = (VecDeque::new(), wanted.after.unwrap_or(newest));
        if let Some((run, seq)) = last.and_then(|last| last.split_once('-')) {
            if run.parse() == Ok(state.fleet.run) {
                cursor = seq.parse().unwrap_or(newest);
            } else {
                // Of a server that has ended: nobody knows how much has happened since.
                ready.push_back(lagged(None));
                cursor = newest;
            }
        }
        if cursor > newest {
            ready.push_back(lagged(None)); // a number that was never given out
            cursor = newest;
        }
        Self { state: state.clone(), reader, endpoint: wanted.endpoint, cursor, ready }
    }

    fn stream(self) -> impl Stream<Item = Result<Event, Infallible>> {
        stream::unfold(self, async |mut follower| {
            let event = follower.next().await;
            Some((Ok(event), follower))
        })
    }

    async fn next(&mut self) -> Event {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return event;
            }
            self.reader.more_than(self.cursor).await;
            let (news, newest) = {
                let view = self.state.fleet.view();
                (view.news(self.cursor, AT_ONCE), view.seq())
            };
            match news {
                Ok(news) => {
                    self.cursor = news.last().map_or(newest, |last| last.seq);
                    self.ready = news.iter().filter_map(|news| self.event(news)).collect();
                }
                Err(Missed(missed)) => {
                    self.cursor = newest;
                    self.ready.push_back(lagged(Some(missed)));
                }
            }
        }
    }

    fn event(&self, news: &News) -> Option<Event> {
        let numbered = numbered(&self.state, news, self.endpoint.as_deref())?;
        let id = format!("{}-{}", self.state.fleet.run, news.seq);
        Some(Event::default().id(id).data(numbered.to_string()))
    }
}

/// `event: lagged`: so many events are no longer there, when that is known.
fn lagged(missed: Option<u64>) -> Event {
    Event::default().event("lagged").data(json!({ "missed": missed }).to_string())
}

/// A [`console_api::NumberedEvent`], if it is about the client that is wanted.
fn numbered(state: &State, news: &News, endpoint: Option<&str>) -> Option<Value> {
    let registration = news.row.as_ref().map(|row| row.registration.as_ref());
    let about = registration.map(|registration| registration.endpoint.as_str());
    if endpoint.is_some() && endpoint != about {
        return None;
    }
    let now_ms = state.clock.now().as_millis();
    let event = Decoding::new(&state.objects, now_ms).event(&news.event()?, registration).ok()?;
    Some(json!({ "seq": news.seq, "endpoint": about, "event": event }))
}
