use leptos::prelude::*;
use lwm2m_codec::attributes::{Attribute, AttributeTarget};
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, KeyboardEvent, PointerEvent};

use crate::browser;
use crate::chart::{Forecast, ValueScale};
use crate::components::chart::{ChartState, LEVELS};
use crate::format;
use crate::live::Target;
use crate::memo::memo;
use crate::workbench::Workbench;

/// Handles of gt, lt and st, on the right edge of the chart: dragged, or moved by the arrow keys.
#[component]
pub(super) fn ChartLevels(state: ChartState) -> impl IntoView {
    let handles = LEVELS.map(|attribute| {
        let shown = memo(move || state.thresholds.value(state.live, attribute).is_some());
        move || shown.get().then(|| view! { <Handle state=state attribute=attribute /> })
    });
    view! { {handles} }
}

/// The value that a step is counted from: the one that was sent last.
fn last_sent(state: ChartState) -> f64 {
    let Target { device, path } = state.primary;
    state.live.watch_of(state.primary).track();
    let last = state.live.with_device_of(device, |device| device.history(&path)?.newest(1).pop());
    last.flatten().unwrap_or_default()
}

#[component]
fn Handle(state: ChartState, attribute: Attribute) -> impl IntoView {
    let (live, path, thresholds) = (state.live, state.primary.path, state.thresholds);
    let is_step = attribute == Attribute::St;
    let value = memo(move || thresholds.value(live, attribute).unwrap_or_default());
    // A step is not a value, but lies above one.
    let base = move || if is_step { last_sent(state) } else { 0.0 };
    let top = move || {
        let scale = thresholds.frozen.get().or_else(|| state.scale.get());
        let at = base() + value.get();
        let plot = state.plot.get();
        let y = scale.map_or(plot.top, |scale| plot.y(&scale, at));
        format!("{}px", y.clamp(plot.top, plot.bottom().max(plot.top)))
    };
    let at = move |event: &PointerEvent| {
        let handle = event.current_target().and_then(|target| target.dyn_into::<HtmlElement>().ok())?;
        let area = handle.parent_element()?.get_bounding_client_rect();
        let plot = state.plot.get_untracked();
        let position = plot.part_above(f64::from(event.client_y()) - area.top());
        thresholds
            .frozen
            .with_untracked(|scale| scale.as_ref().map(|scale| (scale.at(position), scale.clone())))
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
        if let Some((at, scale)) = at(&event) {
            let value = if is_step { scale.step_to(untrack(base), at) } else { at };
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
            let moved = scale.moved(value.get_untracked(), steps);
            thresholds.propose(attribute, if is_step { scale.step_to(0.0, moved.max(0.0)) } else { moved });
        }
    };
    let bound = move |end: fn(&ValueScale) -> f64| {
        state.scale.with(|scale| scale.as_ref().map(|scale| end(scale).to_string()))
    };
    let lowest = move || if is_step { Some("0".to_owned()) } else { bound(|scale| scale.low) };
    let highest = move || {
        if is_step { bound(|scale| scale.high - scale.low) } else { bound(|scale| scale.high) }
    };
    view! {
        <div
            class=format!("level-handle level-{}", attribute.name())
            role="slider"
            tabindex="0"
            aria-label=format!("{} of {path}", attribute.name())
            aria-orientation="vertical"
            aria-valuemin=lowest
            aria-valuemax=highest
            aria-valuenow=move || value.get().to_string()
            aria-valuetext=move || format!("{} {}", format::float(value.get()), state.unit(&state.primary))
            data-testid=format!("level-{}", attribute.name())
            style:top=top
            on:pointerdown=press
            on:pointermove=drag
            on:pointerup=move |_| thresholds.frozen.set(None)
            on:pointercancel=move |_| thresholds.frozen.set(None)
            on:keydown=step
        >
            <span>{attribute.name()}" "{is_step.then_some("±")}{move || format::float(value.get())}</span>
        </div>
    }
}

/// Sets a first level, and asks before a moved one is written.
#[component]
pub(super) fn LevelStrip(state: ChartState) -> impl IntoView {
    let bench = expect_context::<Workbench>();
    let (live, path, thresholds) = (state.live, state.primary.path, state.thresholds);
    let allowed = memo(move || {
        let version = bench.version().parse().unwrap_or_default();
        let target = live.with_model(|model| AttributeTarget::new(&path, model, version));
        bench.offered(&path).write_attributes && target.allows(Attribute::Gt).is_ok()
    });
    Effect::new(move |_| thresholds.settle(live));
    let changed = memo(move || thresholds.is_changed());
    let query = memo(move || thresholds.query(live));
    let add = move |attribute: Attribute| {
        let absent = memo(move || thresholds.value(live, attribute).is_none());
        let start = move |_| {
            if let Some(scale) = state.scale.get_untracked() {
                let value = match attribute {
                    Attribute::Gt => scale.at(0.8),
                    Attribute::Lt => scale.at(0.2),
                    _ => scale.step_to(scale.at(0.4), scale.at(0.5)),
                };
                thresholds.propose(attribute, value);
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
        changed.get().then(|| {
            view! {
                <ForecastLine state=state />
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
                    <button class="button small" data-testid="level-cancel" on:click=move |_| thresholds.reset()>"Cancel"</button>
                </span>
            }
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

/// What would have come of the values in view, and that this is not all that can be said.
#[component]
fn ForecastLine(state: ChartState) -> impl IntoView {
    let forecast = memo(move || {
        state.track_values();
        state.forecast()
    });
    let text = move || {
        forecast.with(|forecast| match forecast {
            Some(forecast) => format!("Ringed, in this time: {}", forecast.sentence()),
            None => "There are too few values in view to tell what would come.".into(),
        })
    };
    let warning = move || forecast.with(|forecast| forecast.as_ref().and_then(Forecast::warning));
    view! {
        <p class="level-forecast" data-testid="forecast">
            {text}
            " "
            <span class="muted">
                "A lower bound: only values that were notified are known, not what the device measured between them."
            </span>
        </p>
        {move || warning().map(|warning| view! {
            <p class="level-forecast warn" role="status" data-testid="forecast-warning">{warning}</p>
        })}
    }
}
