//! What devices have reported so far: pages, sums for a chart, files; and how much of it is kept.

mod csv;
mod export;
mod time;
mod told;

use axum::{
    Json,
    extract::{State as Extract, rejection::JsonRejection},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use console_api::{HistoryBuckets, HistoryPage, Retention, Source};
use export::{Form, export};
use lwm2m_codec::{Level, Path};
use serde::Deserialize;
use store::{
    Audit, StoreError,
    history::{self, Cursor, Order, Query},
};
use time::Moment;
use told::Telling;

use super::{
    State,
    error::Failure,
    extract::{Asked, Author, Endpoint, not_json, page_limit},
    operation,
};

/// Buckets in one answer at most: more than a screen has columns. Beyond, the request is refused.
const BUCKETS: usize = 5_000;

/// What a chart shows when the request does not say since when: a day.
const CHART_MS: u64 = 86_400_000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    /// Read by [`Endpoint`].
    #[serde(rename = "endpoint")]
    _endpoint: Option<String>,
    path: Option<String>,
    source: Option<Source>,
    from: Option<Moment>,
    to: Option<Moment>,
    limit: Option<usize>,
    before: Option<String>,
    after: Option<String>,
    buckets: Option<usize>,
}

pub(super) async fn of_client(
    Extract(state): Extract<State>,
    Endpoint(endpoint): Endpoint,
    Asked(wanted): Asked<Wanted>,
) -> Result<Response, Failure> {
    if let Some(at_most) = wanted.buckets {
        return buckets(&state, endpoint, &wanted, at_most).await.map(IntoResponse::into_response);
    }
    let limit = page_limit(wanted.limit)?;
    let (order, beyond) = match (&wanted.before, &wanted.after) {
        (Some(_), Some(_)) => {
            let failure = Failure::bad_request("a page goes one way");
            return Err(failure.expected("before or after", "both"));
        }
        (before, None) => (Order::NewestFirst, before),
        (None, after) => (Order::OldestFirst, after),
    };
    let beyond = beyond.as_deref().map(cursor).transpose()?;
    let query = Query {
        endpoint: Some(endpoint),
        path: wanted.path.as_deref().map(operation::path).transpose()?,
        source: wanted.source.map(of_source),
        during: during(wanted.from, wanted.to)?,
    };
    let page = state.history.page(query, order, beyond, limit).await;
    let page = page.map_err(|error| unreadable_now(&error))?;
    let endpoints = page.rows.iter().map(|(_, reported)| reported.endpoint.as_str());
    let telling = Telling::new(&state.objects, &state.fleet, endpoints);
    let rows = page.rows.iter().map(|(cursor, reported)| telling.row(*cursor, reported)).collect();
    let next = page.next.map(|cursor| cursor.to_string());
    Ok(Json(HistoryPage { rows, next, unreadable: told::unreadable(&page.unreadable) }).into_response())
}

async fn buckets(
    state: &State,
    endpoint: String,
    wanted: &Wanted,
    at_most: usize,
) -> Result<Json<HistoryBuckets>, Failure> {
    if !(1..=BUCKETS).contains(&at_most) {
        let failure = Failure::bad_request("buckets is out of range");
        return Err(failure.expected(format!("1 to {BUCKETS}"), at_most.to_string()));
    }
    let path = match wanted.path.as_deref().map(operation::path).transpose()? {
        Some(path) if path.level() >= Level::Resource => path,
        path => {
            let got = path.as_ref().map_or_else(|| "none".to_owned(), Path::to_string);
            let failure = Failure::bad_request("buckets are of one Resource or Resource Instance");
            return Err(failure.expected("a path such as /3303/0/5700", got));
        }
    };
    for (name, given) in [
        ("source", wanted.source.is_some()),
        ("limit", wanted.limit.is_some()),
        ("before", wanted.before.is_some()),
        ("after", wanted.after.is_some()),
    ] {
        if given {
            return Err(Failure::bad_request(format!("{name} has no meaning with buckets"))
                .expected("path, from, to, buckets", name));
        }
    }
    let to = wanted.to.unwrap_or_else(|| until_now(state)).0;
    let day_before = coap::Instant::from_millis(to.as_millis().saturating_sub(CHART_MS));
    let during = during(Some(wanted.from.unwrap_or(Moment(day_before))), Some(Moment(to)))?;
    let found = state.history.buckets(endpoint, path, during.clone(), at_most).await;
    let found = found.map_err(|error| unreadable_now(&error))?;
    Ok(Json(HistoryBuckets {
        from_ms: during.start.as_millis(),
        to_ms: during.end.as_millis(),
        width_ms: u64::try_from(found.width.as_millis()).unwrap_or(u64::MAX),
        buckets: found.buckets.iter().map(told::bucket).collect(),
        unreadable: told::unreadable(&found.unreadable),
    }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Exported {
    endpoint: Option<String>,
    path: Option<String>,
    source: Option<Source>,
    from: Option<Moment>,
    to: Option<Moment>,
}

impl Exported {
    /// Ends now unless it is said when, so that it ends at all.
    fn query(self, state: &State, endpoint: Option<String>) -> Result<Query, Failure> {
        Ok(Query {
            endpoint,
            path: self.path.as_deref().map(operation::path).transpose()?,
            source: self.source.map(of_source),
            during: during(self.from, Some(self.to.unwrap_or_else(|| until_now(state))))?,
        })
    }
}

pub(super) async fn csv_of_client(
    Extract(state): Extract<State>,
    Endpoint(endpoint): Endpoint,
    Asked(exported): Asked<Exported>,
) -> Result<Response, Failure> {
    let query = exported.query(&state, Some(endpoint))?;
    export(state, query, Form::Csv).await
}

pub(super) async fn json_lines_of_client(
    Extract(state): Extract<State>,
    Endpoint(endpoint): Endpoint,
    Asked(exported): Asked<Exported>,
) -> Result<Response, Failure> {
    let query = exported.query(&state, Some(endpoint))?;
    export(state, query, Form::JsonLines).await
}

pub(super) async fn csv(
    Extract(state): Extract<State>,
    Asked(mut exported): Asked<Exported>,
) -> Result<Response, Failure> {
    let endpoint = exported.endpoint.take();
    let query = exported.query(&state, endpoint)?;
    export(state, query, Form::Csv).await
}

pub(super) async fn json_lines(
    Extract(state): Extract<State>,
    Asked(mut exported): Asked<Exported>,
) -> Result<Response, Failure> {
    let endpoint = exported.endpoint.take();
    let query = exported.query(&state, endpoint)?;
    export(state, query, Form::JsonLines).await
}

pub(super) async fn retention(Extract(state): Extract<State>) -> Json<Retention> {
    let history::Retention { days, bytes } = state.history.retention();
    Json(Retention { days, bytes })
}

pub(super) async fn retain(
    Extract(state): Extract<State>,
    Author(author): Author,
    retention: Result<Json<Retention>, JsonRejection>,
) -> Result<StatusCode, Failure> {
    let Json(Retention { days, bytes }) = retention.map_err(|rejection| not_json(&rejection))?;
    if let Err(StoreError(why)) = state.history.retain(history::Retention { days, bytes }).await {
        return Err(Failure::new(StatusCode::SERVICE_UNAVAILABLE, "not_stored", why));
    }
    let (at, what) = (state.clock.now(), "retention".to_owned());
    let audit = Audit { at, author, what, endpoint: None, details: format!("{days} days, {bytes} bytes") };
    state.operations.audit(audit).await.ok_or_else(Failure::stopping)?;
    Ok(StatusCode::NO_CONTENT)
}

/// What came this very moment is within.
fn until_now(state: &State) -> Moment {
    Moment(state.clock.now() + core::time::Duration::from_millis(1))
}

/// The end is not within.
fn during(from: Option<Moment>, to: Option<Moment>) -> Result<core::ops::Range<coap::Instant>, Failure> {
    let start = from.map_or(coap::Instant::default(), |from| from.0);
    let end = to.map_or(coap::Instant::from_millis(u64::MAX), |to| to.0);
    if start > end {
        let failure = Failure::bad_request("from is later than to");
        return Err(failure.expected(format!("from at most {}", time::shown(end)), time::shown(start)));
    }
    Ok(start..end)
}

fn cursor(text: &str) -> Result<Cursor, Failure> {
    text.parse().map_err(|_| {
        Failure::bad_request("the cursor cannot be read")
            .expected("what an answer had as cursor or next", text)
    })
}

const fn of_source(source: Source) -> store::Source {
    match source {
        Source::Read => store::Source::Read,
        Source::Discover => store::Source::Discover,
        Source::Notify => store::Source::Notify,
        Source::Write => store::Source::Write,
        Source::ReadComposite => store::Source::ReadComposite,
        Source::WriteComposite => store::Source::WriteComposite,
        Source::Send => store::Source::Send,
    }
}

fn unreadable_now(error: &StoreError) -> Failure {
    tracing::error!("history: {error}");
    Failure::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "not_readable",
        format!("the history cannot be read: {error}"),
    )
}
