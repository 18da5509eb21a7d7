//! Puts a chart on a canvas.

use leptos::prelude::window;
use web_sys::{CanvasRenderingContext2d, Element};

use super::{TimeScale, ValueScale};

/// Colours of the theme, as the style sheet has them now.
pub(crate) struct Palette {
    grid: String,
    text: String,
    surface: String,
    lines: [String; 4],
    gt: String,
    lt: String,
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
            text: colour("--ink-3"),
            surface: colour("--surface"),
            lines: ["--c1", "--c2", "--c3", "--c4"].map(colour),
            gt: colour("--bad"),
            lt: colour("--warn"),
        }
    }

    fn line(&self, series: usize) -> &str {
        &self.lines[series % self.lines.len()]
    }
}

/// One line of a chart.
pub(crate) struct Series {
    /// A value that is no number is a gap.
    pub(crate) points: Vec<(f64, f64)>,
    /// Time, lowest and highest value, where a point stands for several.
    pub(crate) band: Vec<(f64, f64, f64)>,
    /// The value stays until the next one: no slope between two points.
    pub(crate) stepped: bool,
    /// The point that is read out.
    pub(crate) hover: Option<(f64, f64)>,
}

/// A level at which the device notifies.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Level {
    pub(crate) name: &'static str,
    pub(crate) value: f64,
}

/// Lines over time with their axes; all lengths in CSS pixels.
pub(crate) struct Chart<'a> {
    pub(crate) width: f64,
    pub(crate) height: f64,
    /// Device pixels per CSS pixel.
    pub(crate) ratio: f64,
    pub(crate) series: &'a [Series],
    pub(crate) levels: &'a [Level],
    pub(crate) values: ValueScale,
    pub(crate) times: TimeScale,
    pub(crate) east_min: i32,
    pub(crate) units: &'a str,
}

impl Chart<'_> {
    pub(crate) const LEFT: f64 = 52.0;
    pub(crate) const RIGHT: f64 = 14.0;
    pub(crate) const TOP: f64 = 24.0;
    pub(crate) const BOTTOM: f64 = 24.0;

    fn x(&self, at_ms: f64) -> f64 {
        let width = self.width - Self::LEFT - Self::RIGHT;
        Self::LEFT + self.times.position(at_ms).clamp(0.0, 1.0) * width
    }

    fn y(&self, value: f64) -> f64 {
        let height = self.height - Self::TOP - Self::BOTTOM;
        Self::TOP + (1.0 - self.values.position(value)) * height
    }
}

pub(crate) fn draw(context: &CanvasRenderingContext2d, palette: &Palette, chart: &Chart<'_>) {
    // A transform that is a plain scale cannot fail.
    let _ = context.set_transform(chart.ratio, 0.0, 0.0, chart.ratio, 0.0, 0.0);
    context.clear_rect(0.0, 0.0, chart.width, chart.height);
    context.set_font("11px system-ui, sans-serif");
    draw_axes(context, palette, chart);
    for level in chart.levels {
        draw_level(context, palette, chart, level);
    }
    for (index, series) in chart.series.iter().enumerate() {
        draw_line(context, palette, chart, (index, series));
    }
    for (index, series) in chart.series.iter().enumerate() {
        draw_hover(context, palette, chart, (index, series));
    }
}

fn draw_axes(context: &CanvasRenderingContext2d, palette: &Palette, chart: &Chart<'_>) {
    context.set_line_width(1.0);
    context.set_stroke_style_str(&palette.grid);
    context.set_fill_style_str(&palette.text);
    context.set_text_align("right");
    context.set_text_baseline("middle");
    for tick in chart.values.ticks() {
        // Half a pixel, so that a line of one pixel is sharp.
        let y = chart.y(tick).round() + 0.5;
        line(context, (Chart::LEFT, y), (chart.width - Chart::RIGHT, y));
        let _ = context.fill_text(&chart.values.label(tick), Chart::LEFT - 8.0, y);
    }
    if !chart.units.is_empty() {
        context.set_text_baseline("top");
        let _ = context.fill_text(chart.units, Chart::LEFT - 8.0, 3.0);
    }
    context.set_text_align("center");
    context.set_text_baseline("alphabetic");
    for tick in chart.times.ticks(chart.east_min) {
        let label = chart.times.label(tick, chart.east_min);
        let x = chart.x(tick);
        let _ = context.fill_text(&label, x.clamp(Chart::LEFT, chart.width - 28.0), chart.height - 8.0);
    }
}

fn draw_level(context: &CanvasRenderingContext2d, palette: &Palette, chart: &Chart<'_>, level: &Level) {
    let colour = if level.name == "gt" { &palette.gt } else { &palette.lt };
    let y = chart.y(level.value).clamp(Chart::TOP, chart.height - Chart::BOTTOM).round() + 0.5;
    context.set_stroke_style_str(colour);
    context.set_line_width(1.4);
    dash(context, &[5.0, 4.0]);
    line(context, (Chart::LEFT, y), (chart.width - Chart::RIGHT, y));
    dash(context, &[]);
}

fn draw_line(
    context: &CanvasRenderingContext2d,
    palette: &Palette,
    chart: &Chart<'_>,
    (index, series): (usize, &Series),
) {
    let colour = palette.line(index);
    fill_band(context, chart, &series.band, colour);
    let runs = series.points.split(|(_, value)| value.is_nan());
    let runs: Vec<&[(f64, f64)]> = runs.filter(|run| !run.is_empty()).collect();
    for run in &runs {
        if chart.series.len() == 1 && series.band.is_empty() {
            fill_below(context, chart, run, series.stepped, colour);
        }
        trace(context, chart, run, series.stepped);
        context.set_line_width(1.6);
        context.set_line_join("round");
        context.set_stroke_style_str(colour);
        context.stroke();
    }
    let Some(last) = runs.last().and_then(|run| run.last()) else {
        return;
    };
    if !series.points.last().is_some_and(|(_, value)| value.is_nan()) {
        // Since the last value nothing came: the value is believed, not known.
        context.set_global_alpha(0.45);
        context.set_line_width(1.2);
        dash(context, &[3.0, 4.0]);
        let y = chart.y(last.1);
        line(context, (chart.x(last.0), y), (chart.width - Chart::RIGHT, y));
        dash(context, &[]);
        context.set_global_alpha(1.0);
    }
    dot(context, palette, chart, (colour, *last, 3.0));
}

/// From the lowest to the highest values.
fn fill_band(context: &CanvasRenderingContext2d, chart: &Chart<'_>, band: &[(f64, f64, f64)], colour: &str) {
    let Some((first, ..)) = band.first() else {
        return;
    };
    context.begin_path();
    context.move_to(chart.x(*first), chart.y(band[0].2));
    for (at_ms, _, high) in band {
        context.line_to(chart.x(*at_ms), chart.y(*high));
    }
    for (at_ms, low, _) in band.iter().rev() {
        context.line_to(chart.x(*at_ms), chart.y(*low));
    }
    context.close_path();
    context.set_global_alpha(0.18);
    context.set_fill_style_str(colour);
    context.fill();
    context.set_global_alpha(1.0);
}

fn fill_below(
    context: &CanvasRenderingContext2d,
    chart: &Chart<'_>,
    run: &[(f64, f64)],
    stepped: bool,
    colour: &str,
) {
    let (Some(first), Some(last)) = (run.first(), run.last()) else {
        return;
    };
    let base = chart.height - Chart::BOTTOM;
    trace(context, chart, run, stepped);
    context.line_to(chart.x(last.0), base);
    context.line_to(chart.x(first.0), base);
    context.close_path();
    context.set_global_alpha(0.1);
    context.set_fill_style_str(colour);
    context.fill();
    context.set_global_alpha(1.0);
}

fn trace(context: &CanvasRenderingContext2d, chart: &Chart<'_>, run: &[(f64, f64)], stepped: bool) {
    context.begin_path();
    let mut before = None;
    for (at_ms, value) in run {
        let (x, y) = (chart.x(*at_ms), chart.y(*value));
        match before {
            None => context.move_to(x, y),
            Some(level) => {
                if stepped {
                    context.line_to(x, level);
                }
                context.line_to(x, y);
            }
        }
        before = Some(y);
    }
}

fn draw_hover(
    context: &CanvasRenderingContext2d,
    palette: &Palette,
    chart: &Chart<'_>,
    (index, series): (usize, &Series),
) {
    let Some(point) = series.hover else {
        return;
    };
    if index == 0 {
        let x = chart.x(point.0).round() + 0.5;
        context.set_stroke_style_str(&palette.text);
        context.set_line_width(1.0);
        dash(context, &[2.0, 3.0]);
        line(context, (x, Chart::TOP), (x, chart.height - Chart::BOTTOM));
        dash(context, &[]);
    }
    dot(context, palette, chart, (palette.line(index), point, 4.0));
}

fn dot(
    context: &CanvasRenderingContext2d,
    palette: &Palette,
    chart: &Chart<'_>,
    (colour, point, radius): (&str, (f64, f64), f64),
) {
    context.begin_path();
    // A radius that is not negative cannot fail.
    let _ = context.arc(chart.x(point.0), chart.y(point.1), radius, 0.0, std::f64::consts::TAU);
    context.set_fill_style_str(colour);
    context.fill();
    context.set_line_width(1.5);
    context.set_stroke_style_str(&palette.surface);
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
