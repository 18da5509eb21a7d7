//! `GET /api/v1/events`: what has happened, as a list or as a stream of Server-Sent Events.

use std::{collections::VecDeque, convert::Infallible, sync::Arc};

use axum::{
    Extension, Json,
    extract::{Query, State as Extract, rejection::QueryRejection},
    http::{HeaderMap, header},
    response::{
        IntoResponse, Response, Sse,
        sse::{Event, KeepAlive},
    },
};
use console_api::EventList;
use futures_util::stream::{self, Stream, StreamExt as _};
use serde_json::{Value, json};

use super::{State, decoded, error::Failure, stop_requested, websocket::Stopped};
use crate::fleet::{Fleet, Missed, News, Reader};

/// Events in one list when the request does not say how many, and at most.
const LIMIT: usize = 1_000;
const LARGEST_LIMIT: usize = 10_000;

/// Events that are looked at in one go for a stream.
const AT_ONCE: usize = 256;

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
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
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Response, Failure> {
    let Query(asked) = asked.map_err(|rejection| Failure::bad_query(&rejection))?;
    let accepts = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    if accepts.contains("text/event-stream") {
        let last = headers.get("last-event-id").and_then(|id| id.to_str().ok()).map(str::to_owned);
        let events = Events::new(&state.fleet, &asked, last.as_deref())
            .stream()
            .take_until(Box::pin(stop_requested(stopped)));
        return Ok(Sse::new(events).keep_alive(KeepAlive::default()).into_response());
    }
    let limit = asked.limit.unwrap_or(LIMIT);
    if limit > LARGEST_LIMIT {
        return Err(Failure::bad_request("limit is out of range")
            .expected(format!("at most {LARGEST_LIMIT}"), limit.to_string()));
    }
    // Who asks once will ask again.
    state.fleet.keep_events();
    Ok(Json(listed(&state.fleet, &asked, limit)).into_response())
}

fn listed(fleet: &Fleet, asked: &Asked, limit: usize) -> EventList<Value> {
    let view = fleet.view();
    let (news, missed) = match view.news(asked.after.unwrap_or(0), usize::MAX) {
        Ok(news) => (news, 0),
        Err(Missed(missed)) => (view.news(view.before_oldest(), usize::MAX).unwrap_or_default(), missed),
    };
    let missed = if asked.after.is_some() { missed } else { 0 };
    let (run, mut seq) = (fleet.run, view.seq());
    drop(view);
    let mut events = Vec::new();
    for news in news {
        if events.len() == limit {
            break;
        }
        seq = news.seq;
        events.extend(wanted(fleet, &news, asked.endpoint.as_deref()));
    }
    EventList { run, seq, missed, events }
}

/// One caller that stays.
struct Events {
    fleet: Arc<Fleet>,
    reader: Reader,
    endpoint: Option<String>,
    cursor: u64,
    ready: VecDeque<Event>,
}

impl Events {
    fn new(fleet: &Arc<Fleet>, asked: &Asked, last: Option<&str>) -> Self {
        let reader = fleet.reader();
        let newest = fleet.view().seq();
        let (mut ready, mut cursor) = (VecDeque::new(), asked.after.unwrap_or(newest));
        if let Some((run, seq)) = last.and_then(|last| last.split_once('-')) {
            if run.parse() == Ok(fleet.run) {
                cursor = seq.parse().unwrap_or(newest);
            } else {
                // Of a server that has ended: nobody knows how much has happened since.
                ready.push_back(lagged(None));
                cursor = newest;
            }
        }
        Self { fleet: Arc::clone(fleet), reader, endpoint: asked.endpoint.clone(), cursor, ready }
    }

    fn stream(self) -> impl Stream<Item = Result<Event, Infallible>> {
        stream::unfold(self, async |mut events| {
            let event = events.next().await;
            Some((Ok(event), events))
        })
    }

    async fn next(&mut self) -> Event {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return event;
            }
            self.reader.more_than(self.cursor).await;
            let (news, newest) = {
                let view = self.fleet.view();
                (view.news(self.cursor, AT_ONCE), view.seq())
            };
            match news {
                Ok(news) => {
                    self.cursor = news.last().map_or(newest, |last| last.seq);
                    self.ready.extend(news.iter().filter_map(|news| self.event(news)));
                }
                Err(Missed(missed)) => {
                    self.cursor = newest;
                    self.ready.push_back(lagged(Some(missed)));
                }
            }
        }
    }

    fn event(&self, news: &News) -> Option<Event> {
        let event = wanted(&self.fleet, news, self.endpoint.as_deref())?;
        let id = format!("{}-{}", self.fleet.run, news.seq);
        Some(Event::default().id(id).data(event["event"].to_string()))
    }
}

/// `event: lagged`: so many events are no longer there, when that is known.
fn lagged(missed: Option<u64>) -> Event {
    Event::default().event("lagged").data(json!({ "missed": missed }).to_string())
}

/// `{"seq":…,"event":…}`
fn wanted(fleet: &Fleet, news: &News, endpoint: Option<&str>) -> Option<Value> {
    let registration = news.row.as_ref().map(|row| row.registration.as_ref());
    let about = registration.map(|registration| registration.endpoint.as_str());
    if endpoint.is_some() && endpoint != about {
        return None;
    }
    let now_s = fleet.now_s();
    let event = decoded::event(&news.event((now_s * 1000.0) as u64)?, registration, now_s).ok()?;
    Some(json!({ "seq": news.seq, "endpoint": about, "event": event }))
}
