use leptos::prelude::*;
use lwm2m_codec::Path;
use lwm2m_codec::attributes::{Attribute, AttributeTarget};
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, KeyboardEvent, PointerEvent};

use super::chart_card::ChartState;
use crate::browser;
use crate::chart::{Chart, Level, ValueScale};
use crate::format;
use crate::live::Live;
use crate::memo::memo;
use crate::workbench::Workbench;
use crate::write::AttributeDraft;

/// The attributes that are levels of the value.
const LEVELS: [Attribute; 2] = [Attribute::Gt, Attribute::Lt];

/// gt and lt of the selected Resource: what the client has, and what the operator would rather have.
#[derive(Clone, Copy)]
pub(super) struct Thresholds {
    path: Path,
    /// In the order of [`LEVELS`]; none while it is as the client has it.
    proposed: RwSignal<[Option<f64>; 2]>,
    /// The axis while a level is dragged.
    pub(super) frozen: RwSignal<Option<ValueScale>>,
}

impl Thresholds {
    pub(super) fn new(path: Path) -> Self {
        Self { path, proposed: RwSignal::default(), frozen: RwSignal::default() }
    }

    /// As the client has it.
    fn attached(self, live: Live, attribute: Attribute) -> Option<f64> {
        live.structure.track();
        let value = live.with_device(|device| {
            let found = device.attributes(&self.path).iter().find(|(name, _)| name == attribute.name());
            found.and_then(|(_, value)| value.as_ref()?.parse::<f64>().ok())
        });
        value.flatten().filter(|value| value.is_finite())
    }

    fn value(self, live: Live, attribute: Attribute) -> Option<f64> {
        self.proposed.with(|proposed| proposed[index(attribute)]).or_else(|| self.attached(live, attribute))
    }

    fn propose(self, attribute: Attribute, value: f64) {
        self.proposed.update(|proposed| proposed[index(attribute)] = Some(value));
    }

    pub(super) fn levels(self, live: Live) -> Vec<Level> {
        let level = |attribute: Attribute| {
            Some(Level { name: attribute.name(), value: self.value(live, attribute)? })
        };
        LEVELS.into_iter().filter_map(level).collect()
    }

    /// The query that makes it so.
    fn query(self, live: Live, bench: Workbench) -> Result<String, String> {
        let version = bench.version().parse().unwrap_or_default();
        let target = live.with_model(|model| AttributeTarget::new(&self.path, model, version));
        let attached = live.with_device(|device| device.attributes(&self.path).to_vec()).unwrap_or_default();
        let mut draft = AttributeDraft::new(target, &attached);
        for attribute in LEVELS {
            if let Some(value) = self.proposed.with(|proposed| proposed[index(attribute)]) {
                draft.set(attribute, value.to_string());
            }
        }
        draft.query()
    }
}

const fn index(attribute: Attribute) -> usize {
    matches!(attribute, Attribute::Lt) as usize
}

/// Handles of the levels, on the right edge of the chart: dragged, or moved by the arrow keys.
#[component]
pub(super) fn ChartLevels(state: ChartState, path: Path) -> impl IntoView {
    let live = expect_context::<Live>();
    let shown = move |attribute: Attribute| memo(move || state.thresholds.value(live, attribute).is_some());
    let handles = LEVELS.map(|attribute| {
        let shown = shown(attribute);
        move || shown.get().then(|| view! { <Handle state=state path=path attribute=attribute /> })
    });
    view! { {handles} }
}

#[component]
fn Handle(state: ChartState, path: Path, attribute: Attribute) -> impl IntoView {
    let live = expect_context::<Live>();
    let bench = expect_context::<Workbench>();
    let thresholds = state.thresholds;
    let value = memo(move || thresholds.value(live, attribute).unwrap_or_default());
    let top = move || {
        let scale = thresholds.frozen.get().or_else(|| state.scale.get());
        let plot = state.height.get() - Chart::TOP - Chart::BOTTOM;
        let position = scale.map_or(0.5, |scale| scale.position(value.get())).clamp(0.0, 1.0);
        format!("{}px", Chart::TOP + (1.0 - position) * plot)
    };
    let at = move |event: &PointerEvent| {
        let handle = event.current_target().and_then(|target| target.dyn_into::<HtmlElement>().ok())?;
        let area = handle.parent_element()?.get_bounding_client_rect();
        let plot = (area.height() - Chart::TOP - Chart::BOTTOM).max(1.0);
        let position = 1.0 - (f64::from(event.client_y()) - area.top() - Chart::TOP) / plot;
        thresholds.frozen.with_untracked(|scale| scale.as_ref().map(|scale| scale.at(position)))
    };
    let press = move |event: PointerEvent| {
        let handle = event.current_target().and_then(|target| target.dyn_into::<HtmlElement>().ok());
        if let Some(handle) = handle {
            // Without a capture the drag ends at the edge of the handle.
            let _ = handle.set_pointer_capture(event.pointer_id());
            thresholds.frozen.set(state.scale.get_untracked());
        }
    };
    let drag = move |event: PointerEvent| {
        if let Some(value) = at(&event) {
            thresholds.propose(attribute, value);
        }
    };
    let step = move |event: KeyboardEvent| {
        let steps = match event.key().as_str() {
            "ArrowUp" => 1.0,
            "ArrowDown" => -1.0,
            "PageUp" => 10.0,
            "PageDown" => -10.0,
            _ => return,
        };
        event.prevent_default();
        event.stop_propagation();
        if let Some(scale) = state.scale.get_untracked() {
            thresholds.propose(attribute, scale.moved(value.get_untracked(), steps));
        }
    };
    view! {
        <div
            class=format!("level-handle level-{}", attribute.name())
            role="slider"
            tabindex="0"
            aria-orientation="vertical"
            aria-label=format!("{} ({}) of {path}", attribute.title(), attribute.name())
            aria-valuemin=move || state.scale.with(|scale| scale.as_ref().map(|scale| scale.low.to_string()))
            aria-valuemax=move || state.scale.with(|scale| scale.as_ref().map(|scale| scale.high.to_string()))
            aria-valuenow=move || value.get().to_string()
            aria-valuetext=move || format!("{} {}", format::float(value.get()), bench.unit(&path))
            data-testid=format!("level-{}", attribute.name())
            style:top=top
            on:pointerdown=press
            on:pointermove=drag
            on:pointerup=move |_| thresholds.frozen.set(None)
            on:pointercancel=move |_| thresholds.frozen.set(None)
            on:keydown=step
        >
            <span>{attribute.name()}" "{move || format::float(value.get())}</span>
        </div>
    }
}

/// Sets a first level, and asks before a moved one is written.
#[component]
pub(super) fn LevelStrip(state: ChartState, path: Path) -> impl IntoView {
    let live = expect_context::<Live>();
    let bench = expect_context::<Workbench>();
    let thresholds = state.thresholds;
    let allowed = memo(move || {
        let version = bench.version().parse().unwrap_or_default();
        let target = live.with_model(|model| AttributeTarget::new(&path, model, version));
        bench.offered(&path).write_attributes && target.allows(Attribute::Gt).is_ok()
    });
    // The client has it now: nothing is proposed any more.
    Effect::new(move |_| {
        for attribute in LEVELS {
            let attached = thresholds.attached(live, attribute);
            let proposed = thresholds.proposed.with_untracked(|proposed| proposed[index(attribute)]);
            if proposed.is_some() && proposed == attached {
                thresholds.proposed.update(|proposed| proposed[index(attribute)] = None);
            }
        }
    });
    let changed = memo(move || thresholds.proposed.with(|proposed| proposed.iter().any(Option::is_some)));
    let query = memo(move || thresholds.query(live, bench));
    let add = move |attribute: Attribute| {
        let absent = memo(move || thresholds.value(live, attribute).is_none());
        let start = move |_| {
            if let Some(scale) = state.scale.get_untracked() {
                let position = if attribute == Attribute::Gt { 0.8 } else { 0.2 };
                thresholds.propose(attribute, scale.at(position));
                request_animation_frame(move || {
                    browser::focus(&format!("[data-testid=level-{}]", attribute.name()));
                });
            }
        };
        move || {
            absent.get().then(|| view! {
            <button class="button small ghost" data-testid=format!("add-{}", attribute.name()) on:click=start>
                {format!("Set {}…", attribute.name())}
            </button>
        })
        }
    };
    let confirm = move || {
        changed.get().then(|| view! {
        <span class="level-confirm">
            {move || match query.get() {
                Ok(query) => view! { <code>{format!("PUT {path}?{query}")}</code> }.into_any(),
                Err(problem) => view! { <span class="form-problem">{problem}</span> }.into_any(),
            }}
            <button
                class="button small primary"
                data-testid="level-write"
                disabled=move || query.with(Result::is_err) || bench.is_pending(&path).is_some()
                on:click=move |_| {
                    if let Ok(query) = query.get_untracked() {
                        bench.write_attributes(path, query);
                    }
                }
            >"Write"</button>
            <button class="button small" on:click=move |_| thresholds.proposed.set([None; 2])>"Cancel"</button>
        </span>
    })
    };
    move || {
        allowed.get().then(|| {
            view! {
                <div class="level-strip">
                    {LEVELS.map(add)}
                    {confirm}
                </div>
            }
        })
    }
}
