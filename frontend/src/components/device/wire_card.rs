use std::sync::Arc;

use console_api::{Source, hex_decode};
use leptos::prelude::*;
use lwm2m_codec::{
    Annotation, AnnotationKind, ContentFormat, Lookup, Operations, Path, ResourceShape, ValueType, annotate,
};

use crate::answers::{code_name, operation_name};
use crate::browser;
use crate::components::clock;
use crate::format::{self, annotation_class};
use crate::live::{Exchange, Live};
use crate::memo::memo;
use crate::routing::Route;
use crate::workbench::{Outcome, Workbench};

/// Bytes that are shown at once; the rest is a click away.
const BYTES_SHOWN: usize = 1024;

/// What was last on the wire for a node.
#[derive(Clone, Debug, PartialEq)]
struct Wire {
    title: String,
    code: String,
    format: Option<ContentFormat>,
    payload: Vec<u8>,
    pieces: Vec<Annotation>,
    error: Option<String>,
}

/// The payload of the last exchange, its bytes coloured by what they mean.
#[component]
pub(crate) fn WireCard(path: Path) -> impl IntoView {
    let live = expect_context::<Live>();
    let bench = expect_context::<Workbench>();
    let wire = memo(move || {
        live.exchanges.track();
        let outcome = bench.outcome(&path);
        let exchange = live.exchange(&path);
        let refused = outcome.filter(|outcome| {
            !outcome.succeeded() && exchange.as_ref().is_none_or(|exchange| exchange.at_ms <= outcome.at_ms)
        });
        match refused.and_then(|outcome| of_refusal(&outcome)) {
            Some(wire) => Some(wire),
            None => exchange.map(|exchange| of_exchange(live, &exchange)),
        }
    });
    let everything = RwSignal::new(false);
    let trace = StoredValue::new(Route::Trace { endpoint: Some(bench.endpoint()) }.address());
    move || {
        wire.get().map(|wire| {
            let name = code_name(&wire.code);
            let format = wire.format.map(|format| match format.name() {
                Some(name) => format!("{name} {}", format.0),
                None => format!("Content-Format {}", format.0),
            });
            view! {
                <div class="card wire-card" data-testid="wire">
                    <div class="card-head">
                        <h2>"Wire"</h2>
                        <span class="muted wire-title">{wire.title.clone()}</span>
                        <span class="spacer"></span>
                        <span class="chip">{format!("{} {name}", wire.code)}</span>
                        {format.map(|format| view! { <span class="chip">{format}</span> })}
                        <span class="chip">{format!("{} B", wire.payload.len())}</span>
                        <a class="wire-trace" href=trace.get_value()>"Trace"</a>
                    </div>
                    {wire.error.clone().map(|error| view! { <p class="result bad">{error}</p> })}
                    <Bytes wire=wire path=path everything=everything />
                </div>
            }
        })
    }
}

fn of_exchange(live: Live, exchange: &Arc<Exchange>) -> Wire {
    let pieces =
        live.with_model(|model| annotate(exchange.format(), &exchange.path, &exchange.payload, model));
    let what = match (exchange.source, exchange.sequence) {
        (Source::Read, _) => "Read".to_owned(),
        (Source::ReadComposite, _) => "Read-Composite".to_owned(),
        (Source::Discover, _) => "Discover".to_owned(),
        (Source::Write, _) => "Write".to_owned(),
        (Source::WriteComposite, _) => "Write-Composite".to_owned(),
        (Source::Send, _) => "Send".to_owned(),
        (Source::Notify, Some(sequence)) => format!("Notify {}", format::count(sequence.into())),
        (Source::Notify, None) => "Notify".to_owned(),
    };
    Wire {
        title: format!("{what} {} · {}", exchange.path, clock(exchange.at_ms)),
        code: exchange.code().to_owned(),
        format: exchange.content_format,
        payload: exchange.payload.clone(),
        pieces,
        error: exchange.error.as_ref().map(|error| format!("{}: {error}", error.class)),
    }
}

/// An answer with an error code: its payload, if any, is a text for people (RFC 7252 §5.5.2).
fn of_refusal(outcome: &Outcome) -> Option<Wire> {
    let response = outcome.answer.as_ref().ok()?;
    let payload = hex_decode(&response.payload_hex)?;
    let pieces = annotate(ContentFormat::TEXT, &outcome.path, &payload, &DiagnosticPayload);
    Some(Wire {
        title: format!("{} {} · {}", operation_name(outcome.operation()), outcome.path, clock(outcome.at_ms)),
        code: response.code.clone(),
        format: response.content_format.map(ContentFormat),
        payload,
        pieces,
        error: None,
    })
}

struct DiagnosticPayload;

impl Lookup for DiagnosticPayload {
    fn resource(&self, _object: u16, _resource: u16) -> Option<ResourceShape> {
        let operations = Operations { read: true, write: false, execute: false };
        Some(ResourceShape { value_type: Some(ValueType::String), multiple: false, operations })
    }
}

#[component]
fn Bytes(wire: Wire, path: Path, everything: RwSignal<bool>) -> impl IntoView {
    let bench = expect_context::<Workbench>();
    let total = wire.payload.len();
    if total == 0 {
        return view! { <p class="card-note muted" data-testid="wire-bytes">"No payload."</p> }.into_any();
    }
    // What is written as text is also shown as one; a format whose parts are not told apart has no legend.
    let whole = wire.pieces.iter().any(|piece| piece.kind == AnnotationKind::Payload);
    let is_json = wire.format.map(ContentFormat::canonical).is_some_and(|format| {
        matches!(format, ContentFormat::JSON | ContentFormat::SENML_JSON | ContentFormat::SENML_ETCH_JSON)
    });
    let text = format::guess(&wire.payload)
        .filter(|_| whole || is_json)
        .map(|text| text.chars().take(BYTES_SHOWN).collect::<String>());
    let whole = whole && text.is_some();
    let pieces = Arc::new(wire.pieces);
    let payload = Arc::new(wire.payload);
    let limit = move || if everything.get() { total } else { BYTES_SHOWN };
    let shown = {
        let pieces = Arc::clone(&pieces);
        move || {
            let limit = limit();
            let piece = |piece: &Annotation| {
                let end = piece.range.end.min(limit);
                let bytes = payload.get(piece.range.start..end).unwrap_or_default();
                let class = class(piece, &path);
                let title = format!("bytes {} to {}: {}", piece.range.start, piece.range.end, piece.text);
                view! { <b class=class title=title>{format::hex(bytes)}</b>" " }
            };
            pieces.iter().filter(|piece| piece.range.start < limit).map(piece).collect_view()
        }
    };
    request_animation_frame(show_own);
    let legend = move || {
        let limit = limit();
        let entry = |piece: &Annotation| {
            let offset = piece.range.start;
            view! {
                <li>
                    <span class="wire-offset">{offset}</span>
                    <b class=class(piece, &path)>{meaning(bench, piece)}</b>
                </li>
            }
        };
        let told = |piece: &&Annotation| piece.range.start < limit && piece.kind != AnnotationKind::Structure;
        pieces.iter().filter(told).map(entry).collect_view()
    };
    view! {
        <div class="wire" class:whole=whole>
            <div class="wire-bytes" data-testid="wire-bytes">{shown}</div>
            <ol class="wire-legend" aria-label="Meaning of the bytes">{legend}</ol>
        </div>
        {text.map(|text| view! { <pre class="wire-text">{text}</pre> })}
        {move || (total > BYTES_SHOWN && !everything.get()).then(|| view! {
            <p class="card-note">
                <button class="button small" on:click=move |_| everything.set(true)>
                    {format!("Show all {}", format::plural(total, "byte"))}
                </button>
            </p>
        })}
    }
    .into_any()
}

/// Scrolls bytes and legend to what belongs to the selected node.
fn show_own() {
    for list in [".wire-bytes", ".wire-legend"] {
        if let (Some(list), Some(own)) = (browser::find(list), browser::find(&format!("{list} .own"))) {
            list.set_scroll_top(own.offset_top() - list.offset_top() - list.client_height() / 3);
        }
    }
}

/// What the bytes are, with the name of the Resource they begin.
fn meaning(bench: Workbench, piece: &Annotation) -> String {
    let head = matches!(
        piece.kind,
        AnnotationKind::Resource | AnnotationKind::MultipleResource | AnnotationKind::Name
    );
    let definition = piece.path.filter(|_| head).and_then(|path| bench.definition(&path));
    match definition {
        Some(definition) => format!("{} · {}", piece.text, definition.name),
        None => piece.text.clone(),
    }
}

/// Colour by meaning; what belongs to the selected node stands out.
fn class(piece: &Annotation, selected: &Path) -> String {
    let kind = annotation_class(piece.kind);
    let own = piece.path.is_some_and(|path| path.starts_with(selected)) && selected.ids().len() >= 3;
    if own { format!("{kind} own") } else { kind.to_owned() }
}
