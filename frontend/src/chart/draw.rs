//! Puts a chart on a canvas.

use leptos::prelude::window;
use web_sys::{CanvasRenderingContext2d, Element};

use super::lane::Span;
use super::{Plot, Summary, TimeScale, ValueScale};

/// Series that a chart shows at most: as many as there are colours.
pub(crate) const SERIES: usize = 10;

/// When so many columns stand for more values than this each, a line through all of them would be a blot.
const DENSE: f64 = 3.0;
const DENSE_COLUMNS: usize = 20;

/// Width of a letter, about, in CSS pixels: a text that does not fit is left out.
const LETTER: f64 = 6.0;

/// Colours of the theme, as the style sheet has them now.
pub(crate) struct Palette {
    grid: String,
    ink: String,
    text: String,
    surface: String,
    lines: [String; SERIES],
    gt: String,
    lt: String,
    st: String,
}

impl Palette {
    pub(crate) fn of(element: &Element) -> Self {
        let style = window().get_computed_style(element).ok().flatten();
        let colour = |name: &str| {
            let value = style.as_ref().and_then(|style| style.get_property_value(name).ok());
            value.filter(|value| !value.is_empty()).unwrap_or_else(|| "gray".into())
        };
        Self {
            grid: colour("--line-soft"),
            ink: colour("--ink"),
            text: colour("--ink-3"),
            surface: colour("--surface"),
            lines: std::array::from_fn(|index| colour(&format!("--c{}", index + 1))),
            gt: colour("--bad"),
            lt: colour("--warn"),
            st: colour("--sleep"),
        }
    }

    fn line(&self, colour: usize) -> &str {
        &self.lines[colour % self.lines.len()]
    }
}

/// One line of a chart.
pub(crate) struct Series {
    /// Which of the colours.
    pub(crate) colour: usize,
    /// Its axis is the one on the right.
    pub(crate) right: bool,
    /// Without gaps in them.
    pub(crate) runs: Vec<Vec<Summary>>,
    /// Nothing newer is known, and nothing was missed: the last value is believed to hold.
    pub(crate) held: bool,
    /// What is read out.
    pub(crate) hover: Option<Summary>,
}

/// States of a Resource over time.
pub(crate) struct Lane {
    pub(crate) colour: usize,
    pub(crate) spans: Vec<Span>,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Mark {
    pub(crate) at_ms: f64,
    pub(crate) text: String,
}

/// A level at which the device notifies.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Level {
    pub(crate) name: &'static str,
    pub(crate) value: f64,
}

/// Lines over time with their axes.
pub(crate) struct Chart<'a> {
    /// Of the canvas, in CSS pixels.
    pub(crate) size: (f64, f64),
    /// Device pixels per CSS pixel.
    pub(crate) ratio: f64,
    pub(crate) plot: Plot,
    pub(crate) series: &'a [Series],
    pub(crate) lanes: &'a [Lane],
    pub(crate) marks: &'a [Mark],
    pub(crate) levels: &'a [Level],
    /// From where to where the value moves without a notification.
    pub(crate) band: Option<(f64, f64)>,
    /// What would have been notified.
    pub(crate) rings: &'a [(f64, f64)],
    /// The axis on the left and its unit, unless there are only lanes.
    pub(crate) left: Option<(ValueScale, &'a str)>,
    pub(crate) right: Option<(ValueScale, &'a str)>,
    pub(crate) times: TimeScale,
    pub(crate) east_min: i32,
    /// Time that is read out.
    pub(crate) hover_ms: Option<f64>,
}

impl Chart<'_> {
    fn x(&self, at_ms: f64) -> f64 {
        self.plot.x(&self.times, at_ms)
    }

    fn y(&self, right: bool, value: f64) -> f64 {
        let axis = if right { &self.right } else { &self.left };
        axis.as_ref().map_or(self.plot.bottom(), |(scale, _)| self.plot.y(scale, value))
    }
}

pub(crate) fn draw(context: &CanvasRenderingContext2d, palette: &Palette, chart: &Chart<'_>) {
    // A transform that is a plain scale cannot fail.
    let _ = context.set_transform(chart.ratio, 0.0, 0.0, chart.ratio, 0.0, 0.0);
    context.clear_rect(0.0, 0.0, chart.size.0, chart.size.1);
    context.set_font("11px system-ui, sans-serif");
    draw_axes(context, palette, chart);
    draw_times(context, palette, chart);
    draw_lane_names(context, palette, chart);
    context.save();
    context.begin_path();
    let plot = &chart.plot;
    // What is on the edge is seen whole.
    context.rect(plot.left, 0.0, plot.width + 5.0, chart.size.1);
    context.clip();
    draw_band(context, palette, chart);
    draw_marks(context, palette, chart);
    for level in chart.levels {
        draw_level(context, palette, chart, level);
    }
    for series in chart.series {
        draw_line(context, palette, chart, series);
    }
    for (at_ms, value) in chart.rings {
        ring(context, palette, (chart.x(*at_ms), chart.y(false, *value)));
    }
    for (index, lane) in chart.lanes.iter().enumerate() {
        draw_lane(context, palette, chart, (index, lane));
    }
    draw_hover(context, palette, chart);
    context.restore();
}

fn draw_axes(context: &CanvasRenderingContext2d, palette: &Palette, chart: &Chart<'_>) {
    let plot = &chart.plot;
    context.set_line_width(1.0);
    context.set_stroke_style_str(&palette.grid);
    context.set_fill_style_str(&palette.text);
    let left = chart.left.as_ref().map(|axis| (axis, "right", plot.left - 8.0));
    let right = chart.right.as_ref().map(|axis| (axis, "left", plot.right() + 8.0));
    let axes = [left, right];
    for (index, ((scale, units), align, x)) in axes.into_iter().flatten().enumerate() {
        context.set_text_align(align);
        context.set_text_baseline("middle");
        for tick in scale.ticks() {
            // Half a pixel, so that a line of one pixel is sharp.
            let y = plot.y(scale, tick).round() + 0.5;
            if index == 0 {
                line(context, (plot.left, y), (plot.right(), y));
            }
            let _ = context.fill_text(&scale.label(tick), x, y);
        }
        if !units.is_empty() {
            context.set_text_baseline("top");
            let _ = context.fill_text(units, x, 3.0);
        }
    }
}

fn draw_times(context: &CanvasRenderingContext2d, palette: &Palette, chart: &Chart<'_>) {
    context.set_fill_style_str(&palette.text);
    context.set_text_align("center");
    context.set_text_baseline("alphabetic");
    for tick in chart.times.ticks(chart.east_min) {
        let label = chart.times.label(tick, chart.east_min);
        let half = label.len() as f64 * LETTER / 2.0 + 4.0;
        let x = chart.x(tick).clamp(chart.plot.left, (chart.size.0 - half).max(chart.plot.left));
        let _ = context.fill_text(&label, x, chart.size.1 - 8.0);
    }
}

fn draw_band(context: &CanvasRenderingContext2d, palette: &Palette, chart: &Chart<'_>) {
    let Some((low, high)) = chart.band else {
        return;
    };
    let plot = &chart.plot;
    let clamped = |value: f64| chart.y(false, value).clamp(plot.top, plot.bottom());
    let (top, bottom) = (clamped(high), clamped(low));
    context.set_fill_style_str(&palette.st);
    context.set_global_alpha(0.12);
    context.fill_rect(plot.left, top, plot.width, bottom - top);
    context.set_global_alpha(1.0);
}

fn draw_level(context: &CanvasRenderingContext2d, palette: &Palette, chart: &Chart<'_>, level: &Level) {
    let colour = if level.name == "gt" { &palette.gt } else { &palette.lt };
    let plot = &chart.plot;
    let y = chart.y(false, level.value).clamp(plot.top, plot.bottom()).round() + 0.5;
    context.set_stroke_style_str(colour);
    context.set_line_width(1.4);
    dash(context, &[5.0, 4.0]);
    line(context, (plot.left, y), (plot.right(), y));
    dash(context, &[]);
}

fn draw_line(context: &CanvasRenderingContext2d, palette: &Palette, chart: &Chart<'_>, series: &Series) {
    let colour = palette.line(series.colour);
    let columns: usize = series.runs.iter().map(Vec::len).sum();
    let values: u64 = series.runs.iter().flatten().map(|column| column.count).sum();
    let dense = columns >= DENSE_COLUMNS && values as f64 > DENSE * columns as f64;
    for run in &series.runs {
        let points: Vec<(f64, f64)> = if dense {
            fill_between(context, chart, series, run, colour);
            run.iter().map(|column| (column.middle_ms(), column.mean())).collect()
        } else {
            run.iter().flat_map(Summary::points).collect()
        };
        let points: Vec<(f64, f64)> =
            points.iter().map(|point| (chart.x(point.0), chart.y(series.right, point.1))).collect();
        if chart.series.len() == 1 && !dense {
            fill_below(context, chart, &points, colour);
        }
        trace(context, &points);
        context.set_line_width(1.6);
        context.set_line_join("round");
        context.set_stroke_style_str(colour);
        context.stroke();
        // A value between two gaps has no line.
        if let [alone] = points[..] {
            dot(context, palette, (colour, alone, 2.5));
        }
    }
    let Some(last) = series.runs.last().and_then(|run| run.last()).map(|column| column.last) else {
        return;
    };
    let (x, y) = (chart.x(last.0), chart.y(series.right, last.1));
    if series.held {
        // Since the last value nothing came: the value is believed, not known.
        context.set_global_alpha(0.45);
        context.set_line_width(1.2);
        dash(context, &[3.0, 4.0]);
        line(context, (x, y), (chart.plot.right(), y));
        dash(context, &[]);
        context.set_global_alpha(1.0);
    }
    dot(context, palette, (colour, (x, y), 3.0));
}

/// From the lowest to the highest values.
fn fill_between(
    context: &CanvasRenderingContext2d,
    chart: &Chart<'_>,
    series: &Series,
    run: &[Summary],
    colour: &str,
) {
    let place = |column: &Summary, value: f64| (chart.x(column.middle_ms()), chart.y(series.right, value));
    let highest = run.iter().map(|column| place(column, column.high));
    let lowest = run.iter().rev().map(|column| place(column, column.low));
    let outline: Vec<(f64, f64)> = highest.chain(lowest).collect();
    trace(context, &outline);
    context.close_path();
    context.set_global_alpha(0.2);
    context.set_fill_style_str(colour);
    context.fill();
    context.set_global_alpha(1.0);
}

fn fill_below(context: &CanvasRenderingContext2d, chart: &Chart<'_>, points: &[(f64, f64)], colour: &str) {
    let (Some(first), Some(last)) = (points.first(), points.last()) else {
        return;
    };
    let base = chart.plot.bottom();
    trace(context, points);
    context.line_to(last.0, base);
    context.line_to(first.0, base);
    context.close_path();
    context.set_global_alpha(0.1);
    context.set_fill_style_str(colour);
    context.fill();
    context.set_global_alpha(1.0);
}

fn trace(context: &CanvasRenderingContext2d, points: &[(f64, f64)]) {
    context.begin_path();
    for (index, (x, y)) in points.iter().enumerate() {
        if index == 0 {
            context.move_to(*x, *y);
        } else {
            context.line_to(*x, *y);
        }
    }
}

fn draw_lane(
    context: &CanvasRenderingContext2d,
    palette: &Palette,
    chart: &Chart<'_>,
    (index, lane): (usize, &Lane),
) {
    let (top, bottom) = chart.plot.lane(index);
    context.set_text_align("left");
    context.set_text_baseline("middle");
    for span in &lane.spans {
        let (from, to) = (chart.x(span.from_ms).max(chart.plot.left), chart.x(span.to_ms));
        context.set_fill_style_str(palette.line(lane.colour));
        context.set_global_alpha(span.strength);
        context.fill_rect(from, top, (to - from).max(1.0), bottom - top);
        context.set_global_alpha(1.0);
        if span.text.chars().count() as f64 * LETTER + 8.0 <= to.min(chart.plot.right()) - from {
            context.set_fill_style_str(&palette.ink);
            let _ = context.fill_text(&span.text, from + 4.0, (top + bottom) / 2.0);
        }
    }
}

/// The colour of a lane, where a line would have its axis.
fn draw_lane_names(context: &CanvasRenderingContext2d, palette: &Palette, chart: &Chart<'_>) {
    for (index, lane) in chart.lanes.iter().enumerate() {
        let (top, bottom) = chart.plot.lane(index);
        dot(
            context,
            palette,
            (palette.line(lane.colour), (chart.plot.left - 12.0, (top + bottom) / 2.0), 4.0),
        );
    }
}

/// What happened, oldest first. A text for which there is no room beside the one before is left out.
fn draw_marks(context: &CanvasRenderingContext2d, palette: &Palette, chart: &Chart<'_>) {
    let plot = &chart.plot;
    context.set_stroke_style_str(&palette.text);
    context.set_fill_style_str(&palette.text);
    context.set_line_width(1.0);
    context.set_text_baseline("bottom");
    let mut free = plot.left;
    for mark in chart.marks {
        let x = chart.x(mark.at_ms).round() + 0.5;
        if !(plot.left..=plot.right()).contains(&x) {
            continue;
        }
        context.set_global_alpha(0.6);
        line(context, (x, plot.top - 4.0), (x, plot.floor()));
        context.set_global_alpha(1.0);
        let width = mark.text.len() as f64 * LETTER;
        let fits = x + width <= plot.right();
        let from = if fits { x } else { x - width };
        if from >= free {
            free = from + width + LETTER;
            context.set_text_align(if fits { "left" } else { "right" });
            let _ = context.fill_text(&mark.text, if fits { x + 3.0 } else { x - 3.0 }, plot.top - 2.0);
        }
    }
}

fn draw_hover(context: &CanvasRenderingContext2d, palette: &Palette, chart: &Chart<'_>) {
    let Some(at_ms) = chart.hover_ms else {
        return;
    };
    let x = chart.x(at_ms).round() + 0.5;
    context.set_stroke_style_str(&palette.text);
    context.set_line_width(1.0);
    dash(context, &[2.0, 3.0]);
    line(context, (x, chart.plot.top), (x, chart.plot.floor()));
    dash(context, &[]);
    for series in chart.series {
        if let Some(part) = series.hover {
            let value = if part.count == 1 { part.last.1 } else { part.mean() };
            let place = (chart.x(part.middle_ms()), chart.y(series.right, value));
            dot(context, palette, (palette.line(series.colour), place, 4.0));
        }
    }
}

fn dot(
    context: &CanvasRenderingContext2d,
    palette: &Palette,
    (colour, (x, y), radius): (&str, (f64, f64), f64),
) {
    context.begin_path();
    // A radius that is not negative cannot fail.
    let _ = context.arc(x, y, radius, 0.0, std::f64::consts::TAU);
    context.set_fill_style_str(colour);
    context.fill();
    context.set_line_width(1.5);
    context.set_stroke_style_str(&palette.surface);
    context.stroke();
}

fn ring(context: &CanvasRenderingContext2d, palette: &Palette, (x, y): (f64, f64)) {
    context.begin_path();
    let _ = context.arc(x, y, 4.5, 0.0, std::f64::consts::TAU);
    context.set_line_width(1.6);
    context.set_stroke_style_str(&palette.st);
    context.stroke();
}

fn line(context: &CanvasRenderingContext2d, from: (f64, f64), to: (f64, f64)) {
    context.begin_path();
    context.move_to(from.0, from.1);
    context.line_to(to.0, to.1);
    context.stroke();
}

fn dash(context: &CanvasRenderingContext2d, pattern: &[f64]) {
    let lengths: js_sys::Array =
        pattern.iter().map(|length| wasm_bindgen::JsValue::from_f64(*length)).collect();
    // A pattern of finite numbers cannot fail.
    let _ = context.set_line_dash(&lengths);
}
