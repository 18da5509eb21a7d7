use console_api::{HistoryBucket, HistoryBuckets};
use leptos::html;
use leptos::prelude::*;
use lwm2m_codec::Path;
use std::time::Duration;
use web_sys::{HtmlCanvasElement, KeyboardEvent, PointerEvent};

use super::chart_canvas::{context_of, is_stepped, watch_colours, watch_size};
use super::chart_card::TABLE_ROWS;
use super::registration_card::date_time;
use crate::api::{self, Failure};
use crate::browser;
use crate::chart::{Chart, Palette, Series, TimeScale, ValueScale, draw};
use crate::components::{Glyph, Icon};
use crate::format;
use crate::past::{figures, middle_ms, nearest, told};
use crate::theme::Theme;
use crate::workbench::Workbench;

/// A screen has no more columns to tell apart.
const BUCKETS: usize = 240;

/// How often the newest values are added while somebody looks.
const ASK_EVERY: Duration = Duration::from_secs(15);

type Answer = Result<HistoryBuckets, Failure>;

/// The course of a Resource over a stretch of the past, from what the server has kept: the mean, and around it from
/// the lowest to the highest value.
#[component]
pub(super) fn PastChart(
    path: Path,
    /// How far back it goes.
    span_ms: u64,
    /// Numbers instead of a drawing.
    table: RwSignal<bool>,
) -> impl IntoView {
    let bench = expect_context::<Workbench>();
    let live = bench.live;
    let answer = RwSignal::new(None::<Answer>);
    live.every(ASK_EVERY, move || {
        let (endpoint, to_ms) = (bench.endpoint(), live.clock());
        leptos::task::spawn_local(async move {
            let during = (to_ms.saturating_sub(span_ms), to_ms);
            let asked = api::history_buckets(&endpoint, &path.to_string(), during, BUCKETS).await;
            answer.try_set(Some(asked));
        });
    });
    let file = move || {
        let from_ms = live.now_ms.get_untracked().saturating_sub(span_ms);
        api::client_address(&bench.endpoint(), "/history.csv", &format!("path={path}&from={from_ms}"))
    };
    let figures = move || answer.with(|answer| figures(&answer.as_ref()?.as_ref().ok()?.buckets));
    let missing = move || answer.with(|answer| unreadable(answer.as_ref()?.as_ref().ok()?));
    let body = move || {
        match answer.get() {
        None => view! { <p class="chart-note muted" role="status">"Loading what is kept…"</p> }.into_any(),
        Some(Err(failure)) => view! {
            <p class="chart-note" role="alert" data-testid="past-failed">{format!("What is kept cannot be read: {}", failure.told())}</p>
        }
        .into_any(),
        Some(Ok(past)) if past.buckets.is_empty() => view! {
            <p class="chart-note muted" data-testid="past-empty">"Nothing is kept of this Resource in this time."</p>
        }
        .into_any(),
        Some(Ok(past)) if table.get() => view! { <Table past=past units=bench.unit(&path) /> }.into_any(),
        Some(Ok(past)) => view! { <Drawing past=past path=path /> }.into_any(),
    }
    };
    view! {
        <div class="chart-legend">
            <span class="chip">
                <span class="dot series-1" aria-hidden="true"></span>
                <code>{path.to_string()}</code>
            </span>
            <span class="muted chart-figures" data-testid="past-figures">{figures}</span>
            <span class="spacer"></span>
            <a class="button small" href=file download="" data-testid="past-csv">
                <Glyph icon=Icon::Download />
                "CSV of all values"
            </a>
        </div>
        {move || missing().map(|missing| view! { <p class="chart-note warn" role="status">{missing}</p> })}
        {body}
    }
}

fn unreadable(past: &HistoryBuckets) -> Option<String> {
    let first = past.unreadable.first()?;
    let more = past.unreadable.len() - 1;
    let more = if more > 0 { format!(", and {} more", format::plural(more, "day")) } else { String::new() };
    Some(format!("Not all is there: {} cannot be read ({}){more}.", first.day, first.why))
}

/// The drawing, and the pointer and the keys that read it out.
#[component]
fn Drawing(past: HistoryBuckets, path: Path) -> impl IntoView {
    let bench = expect_context::<Workbench>();
    let theme = expect_context::<RwSignal<Theme>>();
    let past = StoredValue::new(past);
    let (canvas, resized) = (NodeRef::<html::Canvas>::new(), RwSignal::new(0_u32));
    let hover = RwSignal::new(None::<usize>);
    let (units, stepped) = (untrack(|| bench.unit(&path)), untrack(|| is_stepped(bench, &path)));
    let read_units = units.clone();
    Effect::new(move |_| {
        theme.track();
        resized.track();
        let (hover, units) = (hover.get(), units.clone());
        if let Some(canvas) = canvas.get() {
            request_animation_frame(move || {
                past.try_with_value(|past| paint(&canvas, past, hover, stepped, &units));
            });
        }
    });
    watch_size(canvas, resized);
    watch_colours(resized);
    let point_at = move |event: PointerEvent| {
        let Some(canvas) = canvas.get_untracked() else {
            return;
        };
        let width = f64::from(canvas.client_width()) - Chart::LEFT - Chart::RIGHT;
        let position = (f64::from(event.offset_x()) - Chart::LEFT) / width.max(1.0);
        hover.set(past.with_value(|past| {
            let scale = TimeScale::new(past.from_ms as f64, past.to_ms as f64, 1);
            nearest(&past.buckets, scale.at(position))
        }));
    };
    let read_out = move || {
        let index = hover.get()?;
        past.with_value(|past| {
            let bucket = past.buckets.get(index)?;
            Some(format!("{} at {}", told(bucket, &read_units), date_time(middle_ms(bucket) as u64)))
        })
    };
    let spoken = read_out.clone();
    let summary = move || {
        let figures = past.with_value(|past| figures(&past.buckets)).unwrap_or_default();
        format!("Course of {path} in the past. {figures}")
    };
    view! {
        <p class="past-read-out mono" data-testid="past-read-out">{read_out}</p>
        <div class="chart-box">
            <canvas
                node_ref=canvas
                role="img"
                tabindex="0"
                data-testid="past-chart"
                aria-label=summary
                on:pointermove=point_at
                on:pointerleave=move |_| hover.set(None)
                on:blur=move |_| hover.set(None)
                on:keydown=move |event| {
                    if step(&event, hover, past.with_value(|past| past.buckets.len())) {
                        bench.announce(untrack(&spoken).unwrap_or_default());
                    }
                }
            ></canvas>
        </div>
    }
}

/// The arrow keys go from bucket to bucket.
fn step(event: &KeyboardEvent, hover: RwSignal<Option<usize>>, count: usize) -> bool {
    let Some(last) = count.checked_sub(1) else {
        return false;
    };
    let at = hover.get_untracked().unwrap_or(last + 1);
    let to = match event.key().as_str() {
        "ArrowLeft" => at.saturating_sub(1),
        "ArrowRight" => (at + 1).min(last),
        "Home" => 0,
        "End" => last,
        _ => return false,
    };
    event.prevent_default();
    event.stop_propagation();
    hover.set(Some(to));
    true
}

fn paint(
    canvas: &HtmlCanvasElement,
    past: &HistoryBuckets,
    hover: Option<usize>,
    stepped: bool,
    units: &str,
) {
    let (width, height) = (f64::from(canvas.client_width()), f64::from(canvas.client_height()));
    let plot = (width - Chart::LEFT - Chart::RIGHT, height - Chart::TOP - Chart::BOTTOM);
    let Some((context, ratio)) = context_of(canvas).filter(|_| plot.0 >= 40.0 && plot.1 >= 30.0) else {
        return;
    };
    let buckets = &past.buckets;
    let point = |bucket: &HistoryBucket| (middle_ms(bucket), bucket.mean);
    let several = buckets.iter().any(|bucket| bucket.count > 1);
    let band = buckets.iter().map(|bucket| (middle_ms(bucket), bucket.min, bucket.max));
    let series = [Series {
        points: buckets.iter().map(point).collect(),
        band: if several { band.collect() } else { Vec::new() },
        stepped,
        hover: hover.and_then(|index| buckets.get(index)).map(point),
    }];
    let low = buckets.iter().map(|bucket| bucket.min).fold(f64::INFINITY, f64::min);
    let high = buckets.iter().map(|bucket| bucket.max).fold(f64::NEG_INFINITY, f64::max);
    let (from_ms, to_ms) = (past.from_ms as f64, past.to_ms as f64);
    let chart = Chart {
        width,
        height,
        ratio,
        series: &series,
        levels: &[],
        values: ValueScale::new(low, high, (plot.1 / 44.0) as usize),
        times: TimeScale::new(from_ms, to_ms, (plot.0 / 90.0) as usize),
        east_min: browser::east_min((to_ms / 1000.0) as i64),
        units,
    };
    draw(&context, &Palette::of(canvas), &chart);
}

/// The same as numbers, newest first.
#[component]
fn Table(past: HistoryBuckets, units: String) -> impl IntoView {
    let rows = past.buckets.iter().rev().take(TABLE_ROWS).map(|bucket| {
        view! {
            <tr>
                <td>{date_time(bucket.first_ms)}</td>
                <td class="mono number">{format::float(bucket.min)}</td>
                <td class="mono number">{crate::chart::rounded(bucket.mean)}</td>
                <td class="mono number">{format::float(bucket.max)}</td>
                <td class="mono number">{format::count(bucket.count)}</td>
            </tr>
        }
    });
    let unit = if units.is_empty() { String::new() } else { format!(" ({units})") };
    view! {
        <div class="chart-table" tabindex="0" role="region" aria-label="Values" data-testid="past-table">
            <table>
                <thead>
                    <tr>
                        <th scope="col">"From"</th>
                        <th scope="col" class="number">{format!("Lowest{unit}")}</th>
                        <th scope="col" class="number">"Mean"</th>
                        <th scope="col" class="number">"Highest"</th>
                        <th scope="col" class="number">"Values"</th>
                    </tr>
                </thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
        </div>
    }
}
