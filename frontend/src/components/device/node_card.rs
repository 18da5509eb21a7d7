use std::sync::Arc;

use console_api::Source;
use leptos::prelude::*;
use lwm2m_codec::{Level, Path, Value};
use lwm2m_model::ResourceDefinition;

use super::attributes_form::AttributesForm;
use super::operations::OperationButtons;
use super::result_line::ResultLine;
use super::rights_line::RightsLine;
use super::value_cell::ValueCell;
use super::write_form::WriteForm;
use crate::components::date_time;
use crate::format;
use crate::live::{Cell, Content, Device, History, Live};
use crate::memo::memo;
use crate::workbench::{Workbench, node_name};

/// The selected node: what it is, its value, and what can be done with it.
#[component]
pub(crate) fn NodeCard(path: Path) -> impl IntoView {
    let live = expect_context::<Live>();
    let bench = expect_context::<Workbench>();
    let definition = memo(move || bench.definition(&path));
    let offers = memo(move || bench.offered(&path));
    let observed = memo(move || {
        live.structure.track();
        live.with_device(|device| device.observed(&path)).unwrap_or(false)
    });
    let covered = memo(move || {
        live.structure.track();
        live.with_device(|device| device.covering_observation(&path)).flatten()
    });
    let writing = memo(move || bench.drafts.with(|drafts| drafts.contains(&path)));
    let attributing = memo(move || bench.attributes.with(|drafts| drafts.contains(&path)));
    view! {
        <div class="card node-card">
            <div class="card-head">
                <h2>{move || node_name(bench, &path)}</h2>
                <code class="muted">{path.to_string()}</code>
                {move || definition.with(|definition| definition.as_ref().map(DefinitionChips::new).map(DefinitionChips::view))}
                {move || covered.get().filter(|_| !observed.get()).map(|parent| view! {
                    <span class="chip on">{reported_with(&parent)}</span>
                })}
                <span class="spacer"></span>
                <OperationButtons path=path offered=offers observed=observed />
            </div>
            {if path.level() >= Level::Resource {
                view! { <ValueArea path=path definition=definition /> }.into_any()
            } else {
                view! { <ObjectFacts path=path /> }.into_any()
            }}
            <Attributes path=path />
            <RightsLine path=path offers=offers />
            <ResultLine path=path />
            {move || writing.get().then(|| view! { <WriteForm path=path /> })}
            {move || attributing.get().then(|| view! { <AttributesForm path=path /> })}
        </div>
    }
}

/// Type, unit, range and operations as the registry has them.
struct DefinitionChips {
    facts: Vec<String>,
    marks: [(&'static str, bool); 3],
}

impl DefinitionChips {
    fn new(definition: &ResourceDefinition) -> Self {
        let mut facts = Vec::new();
        if let Some(value_type) = definition.value_type {
            let many = if definition.multiple { ", multiple" } else { "" };
            facts.push(format!("{value_type}{many}"));
        }
        if !definition.range.is_empty() && definition.range.len() <= 24 {
            facts.push(definition.range.clone());
        }
        let allowed = definition.operations;
        Self { facts, marks: [("R", allowed.read), ("W", allowed.write), ("E", allowed.execute)] }
    }

    fn view(self) -> impl IntoView + use<> {
        view! {
            {self.facts.into_iter().map(|fact| view! { <span class="chip">{fact}</span> }).collect_view()}
            <span class="marks">
                {self.marks.into_iter().map(|(letter, yes)| view! { <span class="mark" class:yes=yes>{letter}</span> }).collect_view()}
            </span>
        }
    }
}

/// The value, large, and how it got here.
#[component]
fn ValueArea(path: Path, definition: Memo<Option<ResourceDefinition>>) -> impl IntoView {
    let live = expect_context::<Live>();
    let bench = expect_context::<Workbench>();
    let cell = live.watch(path);
    let units = memo(move || bench.unit(&path));
    let (seen, shown, listed) = (cell.clone(), cell.clone(), cell.clone());
    let known = memo(move || seen.with(Option::is_some));
    let executable = move || {
        definition.with(|definition| {
            definition.as_ref().is_some_and(|one| one.operations.execute && !one.operations.read)
        })
    };
    let origin = move || {
        cell.with(|cell| {
            let cell = cell.as_ref()?;
            let rate =
                live.with_device(|device| device.history(&path).and_then(History::per_minute)).flatten();
            Some(origin(cell, path, live.now_ms.get(), rate))
        })
    };
    // A value of many parts or lines is shown in full below the short form.
    let full = move || listed.with(|cell| cell.as_ref().and_then(full_text));
    view! {
        <div class="value-area">
            {move || if known.get() {
                view! {
                    <div class="value-large" data-testid="inspector-value">
                        <ValueCell cell=shown.clone() units=units path=path />
                    </div>
                }
                .into_any()
            } else if executable() {
                view! { <div class="value-none muted">"Executable: it has no value."</div> }.into_any()
            } else {
                view! { <div class="value-none muted" data-testid="inspector-value">"No value known yet."</div> }.into_any()
            }}
            <div class="muted value-origin">{origin}</div>
            {move || full().map(|full| view! { <pre class="value-full">{full}</pre> })}
        </div>
    }
}

pub(super) fn reported_with(parent: &Path) -> String {
    if *parent == Path::ROOT { "reported with others".to_owned() } else { format!("reported with {parent}") }
}

/// `notified · sequence 20,417 · 10:44:56, 3 s ago · with /3303/0 · confirmable`
fn origin(cell: &Arc<Cell>, path: Path, now_ms: u64, per_minute: Option<f64>) -> String {
    let mut parts = vec![match cell.source {
        Source::Read | Source::ReadComposite | Source::Discover => "read".to_owned(),
        Source::Write | Source::WriteComposite => "written".to_owned(),
        Source::Send => "sent by the client".to_owned(),
        Source::Notify => match cell.sequence {
            Some(sequence) => format!("notified, sequence {}", format::count(sequence.into())),
            None => "notified".to_owned(),
        },
    }];
    let age = format::age(cell.at_ms, now_ms);
    let age = if age == "now" { age } else { format!("{age} ago") };
    parts.push(format!("{} ({age})", date_time(cell.at_ms)));
    parts.extend(cell.measured_ms.map(|at_ms| format!("measured at {}", date_time(at_ms))));
    if let (Source::Notify, Some(per_minute)) = (cell.source, per_minute) {
        parts.push(rate(per_minute));
    }
    let request = cell.exchange.path;
    if request != path && request != Path::ROOT {
        parts.push(format!("with {request}"));
    }
    if cell.source == Source::Notify && cell.confirmable {
        parts.push("confirmable".to_owned());
    }
    parts.join(" · ")
}

/// `every 1.0 s`, `2.5 per hour`
fn rate(per_minute: f64) -> String {
    let every_s = 60.0 / per_minute;
    match every_s {
        0.0..120.0 => format!("every {every_s:.1} s"),
        120.0..7200.0 => format!("every {:.0} m", every_s / 60.0),
        _ => format!("{:.1} per day", per_minute * 1440.0),
    }
}

fn full_text(cell: &Arc<Cell>) -> Option<String> {
    match &cell.content {
        Content::Single(Value::String(text) | Value::CoreLink(text))
            if text.contains('\n') || text.len() > 48 =>
        {
            Some(text.to_string())
        }
        Content::Single(Value::Opaque(bytes) | Value::Raw(bytes)) if bytes.len() > 12 => {
            Some(format::hex(bytes))
        }
        _ => None,
    }
}

/// What the registry says about an Object.
#[component]
fn ObjectFacts(path: Path) -> impl IntoView {
    let live = expect_context::<Live>();
    let bench = expect_context::<Workbench>();
    let facts = memo(move || {
        live.structure.track();
        let announced = live.with_device(|device| {
            let client = device.client.as_ref()?;
            client.objects.iter().find(|object| Some(object.id) == path.object_id()).cloned()
        });
        (bench.object(&path), announced.flatten())
    });
    move || {
        let (object, announced) = facts.get();
        let version = announced.as_ref().and_then(|announced| announced.version.clone());
        let instances = announced.map(|announced| announced.instances.len());
        view! {
            <dl class="facts">
                {object.map(|object| {
                    let kind = match (object.multiple, object.mandatory) {
                        (true, true) => "multiple instances, mandatory",
                        (true, false) => "multiple instances, optional",
                        (false, true) => "single instance, mandatory",
                        (false, false) => "single instance, optional",
                    };
                    view! {
                        <dt>"URN"</dt>
                        <dd class="mono wrap">{object.urn.clone()}</dd>
                        <dt>"Definition"</dt>
                        <dd>{format!("version {}, {kind}, {}", object.version, format::plural(object.resources.len(), "Resource"))}</dd>
                    }
                })}
                <dt>"Announced"</dt>
                <dd>
                    {match instances {
                        Some(instances) => format::plural(instances, "instance"),
                        None => "not in the registration".to_owned(),
                    }}
                    {version.map(|version| format!(", version {version}"))}
                </dd>
            </dl>
        }
    }
}

/// Notification attributes and dimensions, as Discover told them, with those that hold from above.
#[component]
fn Attributes(path: Path) -> impl IntoView {
    let live = expect_context::<Live>();
    let attributes = memo(move || {
        live.structure.track();
        let both = |device: &Device| (device.attributes(&path).to_vec(), device.inherited(&path));
        live.with_device(both).unwrap_or_default()
    });
    move || {
        let (own, inherited) = attributes.get();
        let text = |(name, value): (String, Option<String>)| match value {
            Some(value) => format!("{name} {value}"),
            None => name,
        };
        (!own.is_empty() || !inherited.is_empty()).then(|| {
            view! {
                <div class="attributes" data-testid="attributes">
                    <span class="caption">"Attributes"</span>
                    {own.into_iter().map(|one| view! { <span class="chip on">{text(one)}</span> }).collect_view()}
                    {inherited
                        .into_iter()
                        .map(|(from, one)| view! {
                            <span class="chip" title=format!("attached to {from}")>{format!("{} from {from}", text(one))}</span>
                        })
                        .collect_view()}
                </div>
            }
        })
    }
}
