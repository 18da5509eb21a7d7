use std::sync::Arc;

use console_api::{Client, Direction, hex_encode};
use leptos::prelude::*;
use lwm2m_codec::Record;
use lwm2m_model::ClientModel;

use super::bytes::Bytes;
use super::record_text::{after, clock_ms, duration};
use crate::components::{CopyButton, Glyph, Icon};
use crate::live::Live;
use crate::pages::TraceState;
use crate::routing::Route;
use crate::trace::{Entry, OptionLine, Payload, RelationKind, option_lines, pieces};
use crate::{browser, format};

/// Values, and messages that belong to this one, that are listed.
const LINES_SHOWN: usize = 100;
const RELATED_SHOWN: usize = 6;

/// One datagram with everything that is known about it.
#[component]
pub(crate) fn RecordCard(
    entry: Arc<Entry>,
    state: TraceState,
    /// The registration of the client, for the versions of its Objects; absent while it is not known.
    client: Option<Client>,
) -> impl IntoView {
    let live = expect_context::<Live>();
    let class = if entry.is_failure() { "chip bad" } else { "chip" };
    let hex = hex_encode(&entry.record.datagram);
    let repeated = entry.repeated.then(
        || view! { <span class="chip warn" title="The same message went this way before">"repeated"</span> },
    );
    let options = entry.message().map(option_lines).unwrap_or_default();
    let root = client.as_ref().map_or_else(|| "/".to_owned(), |client| client.root.clone());
    let (payload, coloured, values) = live.with_definitions(client.as_ref(), |model| {
        let payload = Payload::of(&entry, &root, model);
        let values = match &payload {
            Payload::Values(records) => value_lines(records, model),
            _ => Vec::new(),
        };
        (payload, pieces(&entry, &root, model), values)
    });
    let problem = entry.content.as_ref().err().cloned();
    view! {
        <section class="card record-card" data-testid="record" aria-label="Datagram">
            <div class="card-head">
                <h2 tabindex="-1">{format!("#{}", entry.seq())}</h2>
                <span class=class data-testid="record-code">{entry.code()}</span>
                <span class="chip">{entry.message_type()}</span>
                {repeated}
                <span class="spacer"></span>
                <CopyButton text=hex label="Copy the bytes in hexadecimal" />
                <button class="button ghost square" data-testid="record-close" aria-label="Close" title="Close (Esc)" on:click=move |_| state.close()>
                    <Glyph icon=Icon::Close />
                </button>
            </div>
            <div class="record-body">
                {problem.map(|problem| view! {
                    <p class="result bad" data-testid="record-problem">
                        {format!("Not a CoAP message: expected {}, got {}, at byte {}.", problem.expected, problem.got, problem.offset)}
                    </p>
                })}
                <Facts entry=Arc::clone(&entry) state=state />
                <PayloadPart payload=payload values=values />
                {(!options.is_empty()).then(|| view! { <Options options=options /> })}
                <h3 class="caption record-title">{format!("Wire, {}", format::plural(entry.record.datagram.len(), "byte"))}</h3>
                <Bytes datagram=entry.record.datagram.clone() pieces=coloured />
            </div>
        </section>
    }
}

#[component]
fn Facts(entry: Arc<Entry>, state: TraceState) -> impl IntoView {
    let received = entry.record.direction == Direction::Received;
    let device = entry.record.endpoint.clone().map(|endpoint| {
        let address = Route::Device { endpoint: endpoint.clone() }.address();
        view! { <a class="mono" href=address><bdi>{endpoint}</bdi></a> " · " }
    });
    let id = entry.message().map(|message| message.message_id.0.to_string());
    let token = entry.token();
    let origin = entry.relation.as_ref().map(|relation| {
        let (title, suffix) = match relation.kind {
            RelationKind::Answers => ("Answers", after(&entry).map(|after| format!(" after {after}"))),
            RelationKind::Notifies => ("Notifies of", None),
            RelationKind::Acknowledges => {
                ("Acknowledges", after(&entry).map(|after| format!(" after {after}")))
            }
            RelationKind::Rejects => ("Rejects", after(&entry).map(|after| format!(" after {after}"))),
        };
        let (seq, what) = (relation.origin.seq, relation.origin.what.clone());
        view! { <dt>{title}</dt><dd><Other seq=seq what=what state=state />{suffix}</dd> }
    });
    let seq = entry.seq();
    let related = move || {
        let related: Vec<_> =
            state.listed.with(|listed| listed.related(seq).rev().take(RELATED_SHOWN).cloned().collect());
        let line = |entry: Arc<Entry>| {
            let after =
                entry.relation.as_ref().map(|relation| format!(" after {}", duration(relation.after_ms)));
            let what = format!("{} {}", entry.message_type(), entry.code());
            view! { <div><Other seq=entry.seq() what=what state=state />{after}</div> }
        };
        (!related.is_empty()).then(|| {
            view! {
                <dt>"Led to"</dt>
                <dd>{related.into_iter().map(line).collect_view()}</dd>
            }
        })
    };
    let what = (entry.relation.is_none() && entry.content.is_ok())
        .then(|| entry.what())
        .filter(|what| !what.is_empty());
    view! {
        <dl class="record-facts">
            {what.map(|what| view! { <dt>"What"</dt><dd class="wrap">{what}</dd> })}
            <dt>"Time"</dt>
            <dd>{clock_ms(entry.record.at_ms)}</dd>
            <dt>{if received { "From" } else { "To" }}</dt>
            <dd class="wrap">{device}<span class="mono">{entry.record.peer.clone()}</span></dd>
            {id.map(|id| view! { <dt>"Message ID"</dt><dd class="mono">{id}</dd> })}
            {(!token.is_empty()).then(|| view! { <dt>"Token"</dt><dd class="mono">{token}</dd> })}
            {origin}
            {related}
        </dl>
    }
}

/// Another datagram, a click away while it is there.
#[component]
fn Other(seq: u64, what: String, state: TraceState) -> impl IntoView {
    let text = format!("#{seq} {what}");
    let there = move || state.listed.with(|listed| listed.position(seq).is_some());
    move || {
        let text = text.clone();
        if there() {
            view! { <button class="link-button record-link" on:click=move |_| state.open_seq(seq)>{text}</button> }.into_any()
        } else {
            view! { <span>{text}</span> }.into_any()
        }
    }
}

#[component]
fn Options(options: Vec<OptionLine>) -> impl IntoView {
    let line = |option: OptionLine| {
        let kind = if option.critical { "critical" } else { "elective" };
        view! {
            <tr>
                <td class="mono number">{option.number}</td>
                <td>{option.name}</td>
                <td class="mono wrap">{option.value}</td>
                <td class="muted">{kind}</td>
            </tr>
        }
    };
    view! {
        <h3 class="caption record-title">"Options"</h3>
        <table class="plain-table" data-testid="record-options">
            <thead class="visually-hidden">
                <tr><th scope="col">"Number"</th><th scope="col">"Name"</th><th scope="col">"Value"</th><th scope="col">"Kind"</th></tr>
            </thead>
            <tbody>{options.into_iter().map(line).collect_view()}</tbody>
        </table>
    }
}

/// Path, name, and value.
type ValueLine = (String, String, String);

fn value_lines(records: &[Record], model: &ClientModel) -> Vec<ValueLine> {
    let line = |record: &Record| {
        let definition = record.path.object_id().zip(record.path.resource_id());
        let definition = definition.and_then(|(object, resource)| model.resource(object, resource));
        let unit =
            definition.map(|definition| format::unit(&definition.units).to_owned()).unwrap_or_default();
        let epoch_s = browser::now_ms() as i64 / 1000;
        let value = format::value(&record.value, browser::east_min(epoch_s));
        let value = if unit.is_empty() { value } else { format!("{value} {unit}") };
        (
            record.path.to_string(),
            definition.map(|definition| definition.name.clone()).unwrap_or_default(),
            value,
        )
    };
    records.iter().take(LINES_SHOWN).map(line).collect()
}

#[component]
fn PayloadPart(payload: Payload, values: Vec<ValueLine>) -> impl IntoView {
    let content = match payload {
        Payload::Absent => return ().into_any(),
        Payload::Values(records) => {
            let more = records.len() - values.len();
            let line = |(path, name, value): ValueLine| {
                view! { <tr><td class="mono">{path}</td><td>{name}</td><td class="mono wrap number">{value}</td></tr> }
            };
            view! {
                <table class="plain-table" data-testid="record-values">
                    <thead class="visually-hidden">
                        <tr><th scope="col">"Path"</th><th scope="col">"Name"</th><th scope="col">"Value"</th></tr>
                    </thead>
                    <tbody>{values.into_iter().map(line).collect_view()}</tbody>
                </table>
                {(more > 0).then(|| view! { <p class="muted">{format!("and {more} more")}</p> })}
            }
            .into_any()
        }
        Payload::Text(text) => view! { <pre class="record-text" tabindex="0">{text}</pre> }.into_any(),
        Payload::Part(words) => view! {
            <p class="muted">{format!("{words}. A part alone cannot be read.")}</p>
        }
        .into_any(),
        Payload::Bytes(bytes, why) => view! {
            <p class="mono wrap">{format::octets(&bytes)}</p>
            {why.map(|why| view! { <p class="result bad" data-testid="record-undecodable">{why}</p> })}
        }
        .into_any(),
    };
    view! { <h3 class="caption record-title">"Payload"</h3> {content} }.into_any()
}
