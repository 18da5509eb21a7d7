//! Puts a chart on a canvas.

use leptos::prelude::window;
use web_sys::{CanvasRenderingContext2d, Element};

use super::{TimeScale, ValueScale};
use crate::time::Civil;

/// Colours of the theme, as the style sheet has them now.
pub(crate) struct Palette {
    grid: String,
    text: String,
    line: String,
    surface: String,
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
            line: colour("--c1"),
            surface: colour("--surface"),
        }
    }
}

/// A line over time with its axes; all lengths in CSS pixels.
pub(crate) struct Chart<'a> {
    pub(crate) width: f64,
    pub(crate) height: f64,
    /// Device pixels per CSS pixel.
    pub(crate) ratio: f64,
    pub(crate) points: &'a [(f64, f64)],
    pub(crate) values: ValueScale,
    pub(crate) times: TimeScale,
    pub(crate) east_min: i32,
    /// The value stays until the next one: no slope between two points.
    pub(crate) stepped: bool,
    pub(crate) hover: Option<(f64, f64)>,
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
    draw_line(context, palette, chart);
    draw_hover(context, palette, chart);
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
        context.begin_path();
        context.move_to(Chart::LEFT, y);
        context.line_to(chart.width - Chart::RIGHT, y);
        context.stroke();
        let _ = context.fill_text(&chart.values.label(tick), Chart::LEFT - 8.0, y);
    }
    if !chart.units.is_empty() {
        context.set_text_baseline("top");
        let _ = context.fill_text(chart.units, Chart::LEFT - 8.0, 3.0);
    }
    context.set_text_align("center");
    context.set_text_baseline("alphabetic");
    for tick in chart.times.ticks(chart.east_min) {
        let clock = Civil::from_epoch((tick / 1000.0) as i64, chart.east_min);
        let label = if chart.times.shows_seconds() { clock.clock() } else { clock.hour_minute() };
        let x = chart.x(tick);
        let _ = context.fill_text(&label, x.clamp(Chart::LEFT, chart.width - 28.0), chart.height - 8.0);
    }
}

fn draw_line(context: &CanvasRenderingContext2d, palette: &Palette, chart: &Chart<'_>) {
    let (Some(first), Some(last)) = (chart.points.first(), chart.points.last()) else {
        return;
    };
    let base = chart.height - Chart::BOTTOM;
    trace(context, chart);
    context.line_to(chart.x(last.0), base);
    context.line_to(chart.x(first.0), base);
    context.close_path();
    context.set_global_alpha(0.1);
    context.set_fill_style_str(&palette.line);
    context.fill();
    context.set_global_alpha(1.0);

    trace(context, chart);
    context.set_line_width(1.6);
    context.set_line_join("round");
    context.set_stroke_style_str(&palette.line);
    context.stroke();

    // Since the last value nothing came: the value is believed, not known.
    context.set_global_alpha(0.45);
    context.set_line_width(1.2);
    dash(context, &[3.0, 4.0]);
    context.begin_path();
    context.move_to(chart.x(last.0), chart.y(last.1));
    context.line_to(chart.width - Chart::RIGHT, chart.y(last.1));
    context.stroke();
    dash(context, &[]);
    context.set_global_alpha(1.0);
    dot(context, palette, chart, *last, 3.0);
}

fn trace(context: &CanvasRenderingContext2d, chart: &Chart<'_>) {
    context.begin_path();
    let mut before = None;
    for (at_ms, value) in chart.points {
        let (x, y) = (chart.x(*at_ms), chart.y(*value));
        match before {
            None => context.move_to(x, y),
            Some(level) => {
                if chart.stepped {
                    context.line_to(x, level);
                }
                context.line_to(x, y);
            }
        }
        before = Some(y);
    }
}

fn draw_hover(context: &CanvasRenderingContext2d, palette: &Palette, chart: &Chart<'_>) {
    let Some(point) = chart.hover else {
        return;
    };
    let x = chart.x(point.0).round() + 0.5;
    context.set_stroke_style_str(&palette.text);
    context.set_line_width(1.0);
    dash(context, &[2.0, 3.0]);
    context.begin_path();
    context.move_to(x, Chart::TOP);
    context.line_to(x, chart.height - Chart::BOTTOM);
    context.stroke();
    dash(context, &[]);
    dot(context, palette, chart, point, 4.0);
}

fn dot(
    context: &CanvasRenderingContext2d,
    palette: &Palette,
    chart: &Chart<'_>,
    point: (f64, f64),
    radius: f64,
) {
    context.begin_path();
    // A radius that is not negative cannot fail.
    let _ = context.arc(chart.x(point.0), chart.y(point.1), radius, 0.0, std::f64::consts::TAU);
    context.set_fill_style_str(&palette.line);
    context.fill();
    context.set_line_width(1.5);
    context.set_stroke_style_str(&palette.surface);
    context.stroke();
}

fn dash(context: &CanvasRenderingContext2d, pattern: &[f64]) {
    let lengths: js_sys::Array =
        pattern.iter().map(|length| wasm_bindgen::JsValue::from_f64(*length)).collect();
    // A pattern of finite numbers cannot fail.
    let _ = context.set_line_dash(&lengths);
}
