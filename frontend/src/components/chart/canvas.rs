use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, ResizeObserver};

use super::gestures::Gestures;
use super::marks::marks;
use super::state::ChartState;
use crate::browser;
use crate::chart::{
    Chart, Course, Forecast, Kind, Lane, Level, Mark, Palette, Plot, Series, Summary, TimeScale, ValueScale,
    draw, sentence, spans,
};
use crate::format;
use crate::live::{Device, Target};
use crate::theme::Theme;

/// More pixels than this per CSS pixel cost time and show nothing more.
const RATIO_MAX: f64 = 2.0;

/// The drawing, and what moves it and reads it out.
#[component]
pub(crate) fn ChartCanvas(state: ChartState, gestures: Gestures) -> impl IntoView {
    let theme = expect_context::<RwSignal<Theme>>();
    let canvas = state.canvas;
    let resized = RwSignal::new(0_u32);
    Effect::new(move |_| {
        state.track_values();
        // What the server has kept comes after the first painting, and a view of the past has no other.
        state.track_stored();
        theme.track();
        resized.track();
        let Some(canvas) = canvas.get() else {
            return;
        };
        let frame = Frame::new(state);
        request_animation_frame(move || {
            if let Some((plot, scale)) = paint(state, &canvas, &frame) {
                // Whoever shows them looks again only if they changed.
                if state.scale.try_with_untracked(|known| *known != scale) == Some(true) {
                    state.scale.set(scale);
                }
                if state.plot.try_get_untracked().is_some_and(|known| known != plot) {
                    state.plot.set(plot);
                }
            }
        });
    });
    watch_size(canvas, resized);
    watch_colours(resized);
    let summary = move || {
        state.track_values();
        let of = |target: &Target| {
            let units = state.unit(target);
            let text = state.summary(target).map(|all| {
                if state.kind(target).is_lane() {
                    let latest = state.told(target, &Summary::of(all.last));
                    return format!("{}, latest {latest}", format::plural(all.count as usize, "value"));
                }
                sentence(&all, &units)
            });
            let text = text.unwrap_or_else(|| "No values in this time".into());
            format!("Course of {}. {text}.", state.name(target))
        };
        state.targets.get().iter().map(of).collect::<Vec<_>>().join(" ")
    };
    view! {
        <canvas
            node_ref=canvas
            role="img"
            tabindex="0"
            data-testid="chart"
            aria-label=summary
            aria-keyshortcuts="ArrowLeft ArrowRight Shift+ArrowLeft Shift+ArrowRight + - Home 0"
            on:pointerdown=move |event| gestures.press(&event)
            on:pointermove=move |event| gestures.moved(&event)
            on:pointerup=move |event| gestures.release(&event)
            on:pointercancel=move |event| gestures.release(&event)
            on:pointerleave=move |_| state.hover.set(None)
            on:blur=move |_| state.hover.set(None)
            on:keydown=move |event| gestures.key(&event)
        ></canvas>
    }
}

/// A Resource that is shown.
struct Shown {
    target: Target,
    colour: usize,
    kind: Kind,
    units: String,
}

/// What one painting shows.
struct Frame {
    window: (f64, f64),
    hover: Option<f64>,
    shown: Vec<Shown>,
    levels: Vec<Level>,
    band: Option<(f64, f64)>,
    forecast: Option<Forecast>,
    marks: Vec<Mark>,
    /// The axis stands still while a level is dragged along it.
    frozen: Option<ValueScale>,
}

impl Frame {
    fn new(state: ChartState) -> Self {
        let shown = |(colour, target): (usize, Target)| Shown {
            target,
            colour,
            kind: state.kind(&target),
            units: state.axis(&target),
        };
        let Target { device, path } = state.primary;
        let newest = |device: &Device| device.history(&path)?.newest(1).pop();
        let last = state.live.with_device_of(device, newest);
        // Levels belong to an axis, and states have none.
        let is_lane = state.kind(&state.primary).is_lane();
        Self {
            window: state.window(),
            hover: state.hover.get(),
            shown: state.targets.get().into_iter().enumerate().map(shown).collect(),
            levels: if is_lane { Vec::new() } else { state.thresholds.levels(state.live) },
            band: state.thresholds.band(state.live, last.flatten()).filter(|_| !is_lane),
            forecast: state.forecast().filter(|_| !is_lane),
            marks: marks(state),
            frozen: state.thresholds.frozen.get(),
        }
    }
}

/// Where the values were drawn, and the axis of the selected Resource.
fn paint(state: ChartState, canvas: &HtmlCanvasElement, frame: &Frame) -> Option<(Plot, Option<ValueScale>)> {
    // A painting that was asked for may come after the page is left.
    state.plot.try_get_untracked()?;
    let size = (f64::from(canvas.client_width()), f64::from(canvas.client_height()));
    let axes = units_of_axes(&frame.shown);
    let lanes = frame.shown.iter().filter(|shown| shown.kind.is_lane()).count();
    let handles = state.has_handles && (!frame.levels.is_empty() || frame.band.is_some());
    let right = if axes.1.is_some() { Plot::AXIS } else { Plot::EDGE };
    let plot = Plot::new(size, if handles { Plot::HANDLES } else { right }, lanes)?;
    let (context, ratio) = context_of(canvas)?;
    let (mut series, mut lanes) = (Vec::new(), Vec::new());
    for shown in &frame.shown {
        let (runs, held, hover) = untrack(|| drawn(state, shown, frame, plot.width));
        let colour = shown.colour;
        if shown.kind.is_lane() {
            let spans = spans(&runs, &shown.kind, held.then_some(frame.window.1));
            lanes.push(Lane { colour, spans });
        } else if let Some(right) = side(&shown.units, &axes) {
            series.push(Series { colour, right, runs, held, hover });
        }
    }
    let marks = frame.levels.iter().map(|level| level.value);
    let marks = marks.chain(frame.band.into_iter().flat_map(|(low, high)| [low, high]));
    let selected = axes.0.map(|units| {
        let scale = scale_of(series.iter().filter(|one| !one.right), marks, &plot);
        (frame.frozen.clone().unwrap_or(scale), units)
    });
    let chart = Chart {
        size,
        ratio,
        plot,
        series: &series,
        lanes: &lanes,
        marks: &frame.marks,
        levels: &frame.levels,
        band: frame.band,
        rings: frame.forecast.as_ref().map_or(&[], |forecast| &forecast.notified),
        right: axes
            .1
            .map(|units| (scale_of(series.iter().filter(|one| one.right), std::iter::empty(), &plot), units)),
        left: selected,
        times: TimeScale::new(frame.window.0, frame.window.1, (plot.width / 90.0) as usize),
        east_min: browser::east_min((frame.window.1 / 1000.0) as i64),
        hover_ms: frame.hover,
    };
    draw(&context, &Palette::of(canvas), &chart);
    Some((plot, chart.left.map(|(scale, _)| scale)))
}

/// What there is to draw of a Resource, whether its last value is believed to hold, and what is read out.
fn drawn(
    state: ChartState,
    shown: &Shown,
    frame: &Frame,
    columns: f64,
) -> (Vec<Vec<Summary>>, bool, Option<Summary>) {
    let (from_ms, to_ms) = frame.window;
    let of = |course: &Course<'_>| {
        let runs = course.runs(from_ms, to_ms, columns as usize);
        let newest = runs.last().and_then(|run| run.last());
        let held = newest.is_some_and(|newest| newest.last.0 <= to_ms && course.holds(newest))
            && state.is_reported(&shown.target);
        let hover = frame.hover.and_then(|at_ms| course.nearest(at_ms));
        (runs, held, hover.filter(|part| (from_ms..=to_ms).contains(&part.middle_ms())))
    };
    state.with_course(&shown.target, of).unwrap_or_default()
}

/// The units of the axis on the left and of the one on the right: those of the first two that differ.
fn units_of_axes(shown: &[Shown]) -> (Option<&str>, Option<&str>) {
    let mut units = shown.iter().filter(|shown| !shown.kind.is_lane()).map(|shown| shown.units.as_str());
    let left = units.next();
    (left, units.find(|units| Some(*units) != left))
}

/// Whether values with this unit belong to the axis on the right; none if to neither.
fn side(units: &str, axes: &(Option<&str>, Option<&str>)) -> Option<bool> {
    if axes.0 == Some(units) {
        return Some(false);
    }
    (axes.1 == Some(units)).then_some(true)
}

fn scale_of<'a>(
    series: impl Iterator<Item = &'a Series>,
    marks: impl Iterator<Item = f64>,
    plot: &Plot,
) -> ValueScale {
    let columns = series.flat_map(|one| one.runs.iter().flatten());
    let values = columns.flat_map(|column| [column.low, column.high]).chain(marks);
    let (low, high) = values
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)));
    ValueScale::new(low, high, (plot.height / 44.0) as usize)
}

/// What to draw with, and the device pixels for each CSS pixel.
fn context_of(canvas: &HtmlCanvasElement) -> Option<(CanvasRenderingContext2d, f64)> {
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

/// The colours change with the system, too.
fn watch_colours(resized: RwSignal<u32>) {
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
