use leptos::html;
use leptos::prelude::*;
use lwm2m_codec::{Path, ValueType};
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, KeyboardEvent, PointerEvent, ResizeObserver};

use super::chart_card::ChartState;
use crate::browser;
use crate::chart::{Chart, Level, Palette, Series, Statistics, TimeScale, ValueScale, decimate, draw};
use crate::live::Live;
use crate::theme::Theme;
use crate::workbench::Workbench;

/// More pixels than this per CSS pixel cost time and show nothing more.
const RATIO_MAX: f64 = 2.0;

/// The drawing, and the pointer and the keys that read it out.
#[component]
pub(super) fn ChartCanvas(state: ChartState, path: Path) -> impl IntoView {
    let live = expect_context::<Live>();
    let bench = expect_context::<Workbench>();
    let theme = expect_context::<RwSignal<Theme>>();
    let watched = move || {
        for path in state.paths.get() {
            live.watch(path).track();
        }
    };
    let canvas = NodeRef::<html::Canvas>::new();
    let resized = RwSignal::new(0_u32);
    Effect::new(move |_| {
        watched();
        theme.track();
        resized.track();
        let Some(canvas) = canvas.get() else {
            return;
        };
        let frame = Frame {
            now_ms: live.now_ms.get() as f64,
            window_ms: state.window_ms.get(),
            hover: state.hover.get(),
            series: state.paths.get().into_iter().map(|path| (path, is_stepped(bench, &path))).collect(),
            levels: state.thresholds.levels(live),
            frozen: state.thresholds.frozen.get(),
            units: bench.unit(&path),
        };
        request_animation_frame(move || {
            if let Some(scale) = paint(live, &canvas, &frame) {
                let height = f64::from(canvas.client_height());
                if state.scale.try_with_untracked(|known| known.as_ref() != Some(&scale)) == Some(true) {
                    state.scale.set(Some(scale));
                }
                if state.height.try_get_untracked().is_some_and(|known| known != height) {
                    state.height.set(height);
                }
            }
        });
    });
    watch_size(canvas, resized);
    watch_colours(resized);

    let point_at = move |event: PointerEvent| {
        let Some(canvas) = canvas.get_untracked() else {
            return;
        };
        let width = f64::from(canvas.client_width()) - Chart::LEFT - Chart::RIGHT;
        let position = (f64::from(event.offset_x()) - Chart::LEFT) / width.max(1.0);
        let to_ms = live.now_ms.get_untracked() as f64;
        let scale = TimeScale::new(to_ms - state.window_ms.get_untracked(), to_ms, 1);
        state.hover.set((0.0..=1.0).contains(&position).then(|| scale.at(position)));
    };
    let summary = move || {
        let from_ms = live.now_ms.get() as f64 - state.window_ms.get();
        let statistics = live.with_device(|device| {
            let values = device.history(&path)?.values().filter(|(at_ms, _)| *at_ms >= from_ms);
            Statistics::of(values.map(|(_, value)| value))
        });
        let units = bench.unit(&path);
        let text = statistics.flatten().map(|statistics| statistics.sentence(&units));
        format!("Course of {path}. {}", text.unwrap_or_else(|| "No values in this time".into()))
    };
    view! {
        <canvas
            node_ref=canvas
            role="img"
            tabindex="0"
            data-testid="chart"
            aria-label=summary
            on:pointermove=point_at
            on:pointerleave=move |_| state.hover.set(None)
            on:blur=move |_| state.hover.set(None)
            on:keydown=move |event| step(live, bench, state, &path, &event)
        ></canvas>
    }
}

pub(super) fn is_stepped(bench: Workbench, path: &Path) -> bool {
    bench.definition(path).is_some_and(|definition| definition.value_type == Some(ValueType::Boolean))
}

/// The arrow keys go from value to value.
fn step(live: Live, bench: Workbench, state: ChartState, path: &Path, event: &KeyboardEvent) {
    let from_ms = live.now_ms.get_untracked() as f64 - state.window_ms.get_untracked();
    let points: Vec<(f64, f64)> = live
        .with_device(|device| {
            let history = device.history(path).into_iter();
            history.flat_map(|history| history.values()).filter(|(at_ms, _)| *at_ms >= from_ms).collect()
        })
        .unwrap_or_default();
    let Some(last) = points.len().checked_sub(1) else {
        return;
    };
    let at = match state.hover.get_untracked() {
        Some(hover) => points.partition_point(|(at_ms, _)| *at_ms < hover).min(last),
        None => last + 1,
    };
    let to = match event.key().as_str() {
        "ArrowLeft" => at.saturating_sub(1),
        "ArrowRight" => (at + 1).min(last),
        "Home" => 0,
        "End" => last,
        _ => return,
    };
    event.prevent_default();
    event.stop_propagation();
    if let Some((at_ms, value)) = points.get(to) {
        state.hover.set(Some(*at_ms));
        let clock = super::registration_card::clock(*at_ms as u64);
        let units = untrack(|| bench.unit(path));
        bench.announce(format!("{} {units} at {clock}", crate::format::float(*value)));
    }
}

/// What one painting shows.
struct Frame {
    now_ms: f64,
    window_ms: f64,
    hover: Option<f64>,
    /// Paths, and whether their values jump.
    series: Vec<(Path, bool)>,
    levels: Vec<Level>,
    /// The axis stands still while a level is dragged along it.
    frozen: Option<ValueScale>,
    units: String,
}

/// The vertical axis that was drawn.
fn paint(live: Live, canvas: &HtmlCanvasElement, frame: &Frame) -> Option<ValueScale> {
    let (width, height) = (f64::from(canvas.client_width()), f64::from(canvas.client_height()));
    let plot = (width - Chart::LEFT - Chart::RIGHT, height - Chart::TOP - Chart::BOTTOM);
    if plot.0 < 40.0 || plot.1 < 30.0 {
        return None;
    }
    let (context, ratio) = context_of(canvas)?;
    let (series, to_ms) = live.with_device(|device| {
        let histories = || frame.series.iter().filter_map(|(path, _)| device.history(path));
        let newest = histories().filter_map(|history| Some(history.values().next_back()?.0));
        let to_ms = newest.fold(frame.now_ms, f64::max);
        let from_ms = to_ms - frame.window_ms;
        let one = |(path, stepped): &(Path, bool)| match device.history(path) {
            Some(history) => Series {
                band: Vec::new(),
                points: decimate(history.points(), from_ms, to_ms, plot.0 as usize),
                stepped: *stepped,
                hover: frame
                    .hover
                    .and_then(|at_ms| history.nearest(at_ms))
                    .filter(|point| point.0 >= from_ms),
            },
            None => Series { points: Vec::new(), band: Vec::new(), stepped: *stepped, hover: None },
        };
        (frame.series.iter().map(one).collect::<Vec<_>>(), to_ms)
    })?;
    let values =
        series.iter().flat_map(|one| &one.points).map(|point| point.1).filter(|value| !value.is_nan());
    let values = values.chain(frame.levels.iter().map(|level| level.value));
    let (low, high) = values
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)));
    let scale = frame.frozen.clone().unwrap_or_else(|| ValueScale::new(low, high, (plot.1 / 44.0) as usize));
    let chart = Chart {
        width,
        height,
        ratio,
        series: &series,
        levels: &frame.levels,
        values: scale.clone(),
        times: TimeScale::new(to_ms - frame.window_ms, to_ms, (plot.0 / 90.0) as usize),
        east_min: browser::east_min((to_ms / 1000.0) as i64),
        units: &frame.units,
    };
    draw(&context, &Palette::of(canvas), &chart);
    Some(scale)
}

/// What to draw with, and the device pixels for each CSS pixel.
pub(super) fn context_of(canvas: &HtmlCanvasElement) -> Option<(CanvasRenderingContext2d, f64)> {
    let (width, height) = (f64::from(canvas.client_width()), f64::from(canvas.client_height()));
    let ratio = window().device_pixel_ratio().clamp(1.0, RATIO_MAX);
    let pixels = ((width * ratio) as u32, (height * ratio) as u32);
    // Setting the size clears the canvas and costs more than drawing: only when it changed.
    if (canvas.width(), canvas.height()) != pixels {
        canvas.set_width(pixels.0);
        canvas.set_height(pixels.1);
    }
    let context = canvas.get_context("2d").ok().flatten()?.dyn_into::<CanvasRenderingContext2d>().ok()?;
    Some((context, ratio))
}

pub(super) fn watch_size(canvas: NodeRef<html::Canvas>, resized: RwSignal<u32>) {
    Effect::new(move |_| {
        let Some(canvas) = canvas.get() else {
            return;
        };
        let on_resize = Closure::<dyn FnMut()>::new(move || {
            resized.try_update(|count| *count += 1);
        });
        if let Ok(observer) = ResizeObserver::new(on_resize.as_ref().unchecked_ref()) {
            observer.observe(&canvas);
            let kept = StoredValue::new_local((observer, on_resize));
            on_cleanup(move || {
                kept.try_with_value(|(observer, _)| observer.disconnect());
            });
        }
    });
}

/// The colours change with the system, too.
pub(super) fn watch_colours(resized: RwSignal<u32>) {
    let schemes = window().match_media("(prefers-color-scheme: dark)").ok().flatten();
    let recolour = Closure::<dyn FnMut()>::new(move || {
        resized.try_update(|count| *count += 1);
    });
    if let Some(list) = &schemes {
        list.set_onchange(Some(recolour.as_ref().unchecked_ref()));
    }
    let kept = StoredValue::new_local((schemes, recolour));
    on_cleanup(move || {
        kept.try_with_value(|(list, _)| list.as_ref().map(|list| list.set_onchange(None)));
    });
}
