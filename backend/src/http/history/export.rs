//! The history as a file: page by page, as fast as it is taken, so that it can be of any length. Whoever goes away is
//! asked nothing more for.

use std::io;

use axum::{
    body::Body,
    http::header,
    response::{IntoResponse, Response},
};
use futures_util::stream;
use store::history::{Cursor, Order, Page, Query};

use super::{csv, told::Telling, unreadable_now};
use crate::http::{State, error::Failure};

/// Payloads that are looked up in one go.
const AT_ONCE: usize = 500;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Csv,
    JsonLines,
}

impl Form {
    const fn content_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8; header=present",
            Self::JsonLines => "application/x-ndjson",
        }
    }

    const fn disposition(self) -> &'static str {
        match self {
            Self::Csv => "attachment; filename=\"history.csv\"",
            Self::JsonLines => "attachment; filename=\"history.jsonl\"",
        }
    }
}

pub(super) async fn export(state: State, query: Query, form: Form) -> Result<Response, Failure> {
    let mut export = Export { state, query, form, after: None, ended: false };
    // What fails at once is answered as an error.
    let mut first = export.next().await?;
    if form == Form::Csv {
        first.insert_str(0, csv::HEADER);
    }
    let rest = stream::try_unfold(export, async |mut export| {
        if export.ended {
            return Ok(None);
        }
        // An end without a proper one is all that HTTP has to say that something is missing.
        let lines = export.next().await.map_err(|failure| io::Error::other(failure.into_message()))?;
        Ok(Some((lines, export)))
    });
    let lines = futures_util::StreamExt::chain(stream::iter([Ok::<_, io::Error>(first)]), rest);
    let headers =
        [(header::CONTENT_TYPE, form.content_type()), (header::CONTENT_DISPOSITION, form.disposition())];
    Ok((headers, Body::from_stream(lines)).into_response())
}

struct Export {
    state: State,
    query: Query,
    form: Form,
    after: Option<Cursor>,
    ended: bool,
}

impl Export {
    /// The next lines; none for a piece of the history in which nothing was found.
    async fn next(&mut self) -> Result<String, Failure> {
        let asked = self.state.history.page(self.query.clone(), Order::OldestFirst, self.after, AT_ONCE);
        let page = asked.await.map_err(|error| unreadable_now(&error))?;
        if let [(day, why), ..] = &page.unreadable[..] {
            return Err(unreadable_now(&store::StoreError(format!("{day}: {why}"))));
        }
        self.after = page.next;
        self.ended = page.next.is_none();
        let (state, form) = (self.state.clone(), self.form);
        let lines = tokio::task::spawn_blocking(move || lines(&state, &page, form));
        lines.await.map_err(|error| Failure::failed(&error))
    }
}

fn lines(state: &State, page: &Page, form: Form) -> String {
    let endpoints = page.rows.iter().map(|(_, reported)| reported.endpoint.as_str());
    let telling = Telling::new(&state.objects, &state.fleet, endpoints);
    let mut lines = String::new();
    for (cursor, reported) in &page.rows {
        let row = telling.row(*cursor, reported);
        match form {
            Form::Csv => csv::write(&row, |path| telling.unit(&row.endpoint, path), &mut lines),
            Form::JsonLines => {
                lines.push_str(&serde_json::to_string(&row).unwrap_or_default());
                lines.push('\n');
            }
        }
    }
    lines
}
