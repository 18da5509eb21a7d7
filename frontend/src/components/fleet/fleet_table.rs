use std::sync::Arc;

use leptos::html;
use leptos::prelude::*;
use web_sys::KeyboardEvent;

use super::fleet_row::{FleetRow, ROW_PX};
use crate::browser;
use crate::fleet::{Column, Sort, Window};
use crate::memo::memo;

/// The fleet: as many rows as fit are in the document, whatever the number of clients.
#[component]
pub(crate) fn FleetTable(
    order: Memo<Arc<Vec<u32>>>,
    sort: RwSignal<Sort>,
    scroll_px: RwSignal<f64>,
) -> impl IntoView {
    let scroll_box = NodeRef::<html::Div>::new();
    let height_px = RwSignal::new(0.0);
    let active = RwSignal::new(0_usize);
    let rows = memo(move || order.with(|order| order.len()));
    let window = memo(move || Window::new(scroll_px.get(), height_px.get(), ROW_PX, rows.get()));
    let slots = memo(move || window.get().slots);
    // Where the keys are; when that is scrolled out of sight, the nearest row in sight.
    let tab_stop = memo(move || {
        let first = (scroll_px.get() / ROW_PX).ceil() as usize;
        let visible = (height_px.get() / ROW_PX) as usize;
        let last = (first + visible.saturating_sub(2)).min(rows.get().saturating_sub(1));
        active.get().clamp(first.min(last), last)
    });

    Effect::new(move |_| {
        if let Some(element) = scroll_box.get() {
            height_px.set(f64::from(element.client_height()));
            // The runway has its height with the next frame; before it there is nowhere to scroll to.
            let top = scroll_px.get_untracked() as i32;
            request_animation_frame(move || element.set_scroll_top(top));
        }
    });
    let resized = window_event_listener(leptos::ev::resize, move |_| {
        if let Some(element) = scroll_box.get_untracked() {
            height_px.set(f64::from(element.client_height()));
        }
    });
    on_cleanup(move || resized.remove());
    // A list that got shorter has no row there any more.
    Effect::new(move |_| {
        let last = rows.get().saturating_sub(1);
        if active.get_untracked() > last {
            active.set(last);
        }
    });

    let go_to = move |index: usize| {
        active.set(index);
        if let Some(element) = scroll_box.get_untracked() {
            let (top, height) = (index as f64 * ROW_PX, f64::from(element.client_height()));
            let scroll = f64::from(element.scroll_top());
            if top < scroll {
                element.set_scroll_top(top as i32);
            } else if top + ROW_PX > scroll + height {
                element.set_scroll_top((top + ROW_PX - height).ceil() as i32);
            }
        }
        // The row may get its slot only after the scroll event.
        request_animation_frame(move || {
            request_animation_frame(move || {
                browser::focus(&format!("[data-testid=fleet-row][data-index=\"{index}\"] a"));
            });
        });
    };
    let on_key = move |event: KeyboardEvent| {
        let last = rows.get_untracked().saturating_sub(1);
        let page = (height_px.get_untracked() / ROW_PX) as usize;
        let at = tab_stop.get_untracked();
        let to = match event.key().as_str() {
            "ArrowDown" => at + 1,
            "ArrowUp" => at.saturating_sub(1),
            "PageDown" => at + page,
            "PageUp" => at.saturating_sub(page),
            "Home" => 0,
            "End" => last,
            _ => return,
        };
        event.prevent_default();
        go_to(to.min(last));
    };

    view! {
        <div class="card fleet-table" role="grid" aria-label="Registered devices" aria-rowcount=move || rows.get() + 1>
            <div role="rowgroup" class="fleet-head">
                <div role="row" class="fleet-grid" aria-rowindex="1">
                    <Head title="Status" class="fleet-status" />
                    <Head title="Endpoint" class="fleet-endpoint" sort=sort column=Column::Endpoint />
                    <Head title="Lifetime left" class="fleet-lifetime" sort=sort column=Column::Lifetime />
                    <Head title="Binding" class="fleet-binding" sort=sort column=Column::Binding />
                    <Head title="Version" class="fleet-version" sort=sort column=Column::Version />
                    <Head title="Security" class="fleet-security" />
                    <Head title="Objects" class="fleet-objects" sort=sort column=Column::Objects />
                    <Head title="Updated" class="fleet-updated number" sort=sort column=Column::Updated />
                </div>
            </div>
            <div
                role="rowgroup"
                class="fleet-body"
                node_ref=scroll_box
                on:keydown=on_key
                on:scroll=move |_| {
                    if let Some(element) = scroll_box.get_untracked() {
                        scroll_px.set(f64::from(element.scroll_top()));
                    }
                }
            >
                <div class="fleet-runway" role="presentation" style:height=move || format!("{}px", rows.get() as f64 * ROW_PX)>
                    <For each=move || 0..slots.get() key=|place| *place let:place>
                        <FleetRow place=place window=window order=order active=active tab_stop=tab_stop />
                    </For>
                </div>
            </div>
        </div>
    }
}

/// A column head; one that sorts is a button.
#[component]
fn Head(
    title: &'static str,
    class: &'static str,
    #[prop(optional)] sort: Option<RwSignal<Sort>>,
    #[prop(optional)] column: Option<Column>,
) -> impl IntoView {
    let Some((sort, column)) = sort.zip(column) else {
        return view! { <div role="columnheader" class=class>{title}</div> }.into_any();
    };
    let chosen = move || Some(sort.get()).filter(|sort| sort.column == column);
    let aria = move || chosen().map(|sort| if sort.descending { "descending" } else { "ascending" });
    let arrow = move || chosen().map(|sort| if sort.descending { "▼" } else { "▲" });
    view! {
        <div role="columnheader" class=class aria-sort=aria>
            <button class="head-button" on:click=move |_| sort.update(|sort| *sort = sort.choose(column))>
                {title}
                <span class="head-arrow" aria-hidden="true">{arrow}</span>
            </button>
        </div>
    }
    .into_any()
}
