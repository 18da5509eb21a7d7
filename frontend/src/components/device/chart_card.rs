use leptos::html;
use leptos::prelude::*;
use lwm2m_codec::{Path, ValueType};
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, PointerEvent, ResizeObserver};

use crate::browser;
use crate::chart::{Chart, Palette, TimeScale, ValueScale, decimate, draw};
use crate::format;
use crate::live::{History, Live};
use crate::memo::memo;
use crate::theme::Theme;
use crate::time::Civil;
use crate::workbench::Workbench;

/// Widths of the window that follows the present.
const WINDOWS: [(&str, f64); 4] = [("1 m", 60e3), ("5 m", 300e3), ("30 m", 1800e3), ("2 h", 7200e3)];

/// More pixels than this per CSS pixel cost time and show nothing more.
const RATIO_MAX: f64 = 2.0;

/// The course of a numeric Resource, following the present.
#[component]
pub(crate) fn ChartCard(path: Path) -> impl IntoView {
    let live = expect_context::<Live>();
    let cell = live.watch(path);
    let drawable = memo(move || {
        cell.track();
        live.with_device(|device| device.history(&path).is_some()).unwrap_or(false)
    });
    move || drawable.get().then(|| view! { <LiveChart path=path /> })
}

#[component]
fn LiveChart(path: Path) -> impl IntoView {
    let live = expect_context::<Live>();
    let bench = expect_context::<Workbench>();
    let theme = expect_context::<RwSignal<Theme>>();
    let cell = live.watch(path);
    let canvas = NodeRef::<html::Canvas>::new();
    let window_ms = RwSignal::new(WINDOWS[1].1);
    let hover = RwSignal::new(None::<f64>);
    let resized = RwSignal::new(0_u32);
    let definition = memo(move || bench.definition(&path));
    let units = memo(move || bench.unit(&path));
    let stepped = memo(move || {
        definition.with(|one| one.as_ref().is_some_and(|one| one.value_type == Some(ValueType::Boolean)))
    });

    Effect::new(move |_| {
        cell.track();
        theme.track();
        resized.track();
        let now_ms = live.now_ms.get() as f64;
        let (window_ms, hover) = (window_ms.get(), hover.get());
        let Some(canvas) = canvas.get() else {
            return;
        };
        let frame = Frame { now_ms, window_ms, hover, stepped: stepped.get(), units: units.get() };
        request_animation_frame(move || {
            live.with_device(|device| device.history(&path).map(|history| paint(&canvas, history, &frame)));
        });
    });
    watch_size(canvas, resized);
    // The colours change with the system, too.
    let schemes = window().match_media("(prefers-color-scheme: dark)").ok().flatten();
    let recolour = Closure::<dyn FnMut()>::new(move || resized.update(|count| *count += 1));
    if let Some(list) = &schemes {
        list.set_onchange(Some(recolour.as_ref().unchecked_ref()));
    }
    let kept = StoredValue::new_local((schemes, recolour));
    on_cleanup(move || {
        kept.try_with_value(|(list, _)| list.as_ref().map(|list| list.set_onchange(None)));
    });

    let read_out = move || {
        let at_ms = hover.get()?;
        live.now_ms.track();
        let point =
            live.with_device(|device| device.history(&path).and_then(|history| history.nearest(at_ms)));
        let (at_ms, value) = point.flatten()?;
        let epoch_s = (at_ms / 1000.0) as i64;
        let clock = Civil::from_epoch(epoch_s, browser::east_min(epoch_s)).clock();
        Some(format!("{clock}  {} {}", format::float(value), units.get()))
    };
    let summary = move || {
        let from_ms = live.now_ms.get() as f64 - window_ms.get();
        let text = live.with_device(|device| {
            device.history(&path).map(|history| describe(history, from_ms, &units.get()))
        });
        text.flatten().unwrap_or_default()
    };
    let point_at = move |event: PointerEvent| {
        let Some(canvas) = canvas.get_untracked() else {
            return;
        };
        let plot = Plot::of(&canvas);
        let position = (f64::from(event.offset_x()) - plot.left) / plot.width.max(1.0);
        let to_ms = live.now_ms.get_untracked() as f64;
        let scale = TimeScale::new(to_ms - window_ms.get_untracked(), to_ms, 1);
        hover.set((0.0..=1.0).contains(&position).then(|| scale.at(position)));
    };
    view! {
        <div class="card chart-card">
            <div class="card-head">
                <h2>"Live"</h2>
                <div class="segments" role="group" aria-label="Time shown">
                    {WINDOWS.map(|(label, ms)| view! {
                        <button
                            class="segment"
                            aria-pressed=move || (window_ms.get() == ms).to_string()
                            on:click=move |_| window_ms.set(ms)
                        >
                            {label}
                        </button>
                    })}
                </div>
                <span class="spacer"></span>
                <span class="mono chart-read-out">{read_out}</span>
            </div>
            <div class="chart-box">
                <canvas
                    node_ref=canvas
                    role="img"
                    data-testid="chart"
                    aria-label=summary
                    on:pointermove=point_at
                    on:pointerleave=move |_| hover.set(None)
                ></canvas>
            </div>
        </div>
    }
}

/// What one painting shows.
struct Frame {
    now_ms: f64,
    window_ms: f64,
    hover: Option<f64>,
    stepped: bool,
    units: String,
}

/// The part of the canvas inside the axes, in CSS pixels.
struct Plot {
    left: f64,
    width: f64,
    height: f64,
}

impl Plot {
    fn of(canvas: &HtmlCanvasElement) -> Self {
        let (width, height) = (f64::from(canvas.client_width()), f64::from(canvas.client_height()));
        Self {
            left: Chart::LEFT,
            width: width - Chart::LEFT - Chart::RIGHT,
            height: height - Chart::TOP - Chart::BOTTOM,
        }
    }
}

fn paint(canvas: &HtmlCanvasElement, history: &History, frame: &Frame) {
    let plot = Plot::of(canvas);
    if plot.width < 40.0 || plot.height < 30.0 {
        return;
    }
    let ratio = window().device_pixel_ratio().clamp(1.0, RATIO_MAX);
    let (css_width, css_height) = (f64::from(canvas.client_width()), f64::from(canvas.client_height()));
    let (width, height) = ((css_width * ratio) as u32, (css_height * ratio) as u32);
    // Setting the size clears the canvas and costs more than drawing: only when it changed.
    if (canvas.width(), canvas.height()) != (width, height) {
        canvas.set_width(width);
        canvas.set_height(height);
    }
    let context = canvas.get_context("2d").ok().flatten();
    let Some(context) = context.and_then(|context| context.dyn_into::<CanvasRenderingContext2d>().ok())
    else {
        return;
    };
    let newest = history.points().next_back().map_or(0.0, |(at_ms, _)| at_ms);
    let to_ms = frame.now_ms.max(newest);
    let from_ms = to_ms - frame.window_ms;
    let points = decimate(history.points(), from_ms, to_ms, plot.width as usize);
    let low = points.iter().map(|point| point.1).fold(f64::INFINITY, f64::min);
    let high = points.iter().map(|point| point.1).fold(f64::NEG_INFINITY, f64::max);
    let chart = Chart {
        width: css_width,
        height: css_height,
        ratio,
        points: &points,
        values: ValueScale::new(low, high, (plot.height / 44.0) as usize),
        times: TimeScale::new(from_ms, to_ms, (plot.width / 90.0) as usize),
        east_min: browser::east_min((to_ms / 1000.0) as i64),
        stepped: frame.stepped,
        hover: frame.hover.and_then(|at_ms| history.nearest(at_ms)).filter(|point| point.0 >= from_ms),
        units: &frame.units,
    };
    draw(&context, &Palette::of(canvas), &chart);
}

/// The chart in words.
fn describe(history: &History, from_ms: f64, units: &str) -> String {
    let values: Vec<f64> =
        history.points().filter(|(at, _)| *at >= from_ms).map(|(_, value)| value).collect();
    let Some(last) = values.last() else {
        return "No values in this time".into();
    };
    let low = values.iter().copied().fold(f64::INFINITY, f64::min);
    let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let (low, high, last) = (format::float(low), format::float(high), format::float(*last));
    format!("{}: lowest {low}, highest {high}, latest {last} {units}", format::plural(values.len(), "value"))
}

fn watch_size(canvas: NodeRef<html::Canvas>, resized: RwSignal<u32>) {
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
