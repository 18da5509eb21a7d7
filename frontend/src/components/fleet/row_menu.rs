use std::collections::BTreeSet;

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, EventTarget, HtmlElement, KeyboardEvent};

use crate::browser;
use crate::components::{Glyph, Icon};
use crate::fleet::{BulkKind, BulkStep, FleetState, Selection};
use crate::routing::Route;

/// Where a menu opens, in the window.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Place {
    pub(super) x: f64,
    pub(super) y: f64,
}

impl Place {
    pub(super) fn below(target: Option<EventTarget>) -> Self {
        let element = target.and_then(|target| target.dyn_into::<Element>().ok());
        element.map_or(Self { x: 0.0, y: 0.0 }, |element| {
            let edges = element.get_bounding_client_rect();
            Self { x: edges.left(), y: edges.bottom() }
        })
    }
}

/// The menu of the rows; there is one for all of them.
#[derive(Clone, Copy, Default)]
pub(super) struct OpenMenu(RwSignal<Option<(String, Place)>>);

impl OpenMenu {
    pub(super) fn open(self, endpoint: String, at: Place) {
        self.0.set(Some((endpoint, at)));
    }
}

/// Most room that the menu takes; it opens so that it stays within the window.
const WIDTH_PX: f64 = 220.0;
const HEIGHT_PX: f64 = 210.0;

/// What can be done with one device of the table.
#[component]
pub(super) fn RowMenu() -> impl IntoView {
    let OpenMenu(open) = expect_context::<OpenMenu>();
    let popover = NodeRef::<html::Div>::new();
    Effect::new(move |_| {
        let (Some(popover), Some((_, at))) = (popover.get(), open.get()) else {
            return;
        };
        let (width, height) = browser::window_size();
        let style = HtmlElement::style(&popover);
        // The place is only a nicety.
        let _ = style.set_property("left", &format!("{}px", at.x.min(width - WIDTH_PX).max(0.0)));
        let _ = style.set_property("top", &format!("{}px", at.y.min(height - HEIGHT_PX).max(0.0)));
        let _ = popover.show_popover();
        browser::focus("[data-testid=row-menu] [role=menuitem]");
    });
    let close = move || {
        if let Some(popover) = popover.get_untracked() {
            let _ = popover.hide_popover();
        }
    };
    let items = move || open.get().map(|(endpoint, _)| view! { <Items endpoint=endpoint close=close /> });
    view! {
        <div
            class="menu"
            popover="auto"
            role="menu"
            aria-label="Device"
            data-testid="row-menu"
            node_ref=popover
            on:keydown=move |event| move_focus(&event)
        >
            {items}
        </div>
    }
}

#[component]
fn Items(endpoint: String, close: impl Fn() + Copy + Send + Sync + 'static) -> impl IntoView {
    let state = expect_context::<FleetState>();
    let device = Route::Device { endpoint: endpoint.clone() }.address();
    let trace = Route::Trace { endpoint: Some(endpoint.clone()) }.address();
    let named = endpoint.clone();
    let (copied, labelled) = (endpoint.clone(), endpoint);
    view! {
        <a role="menuitem" class="menu-item" href=device on:click=move |_| close()>
            <Glyph icon=Icon::Chevron />"Open"
        </a>
        <button role="menuitem" class="menu-item" on:click=move |_| { browser::copy(&copied); close(); }>
            <Glyph icon=Icon::Copy />"Copy endpoint name"
        </button>
        <button
            role="menuitem"
            class="menu-item"
            data-testid="menu-label"
            on:click=move |_| { close(); state.labelling.set(Some(labelled.clone())); }
        >
            <Glyph icon=Icon::Tag />"Name, tags, notes…"
        </button>
        <a role="menuitem" class="menu-item" href=trace on:click=move |_| close()>
            <Glyph icon=Icon::Trace />"Trace"
        </a>
        <div role="separator" class="menu-line"></div>
        <button
            role="menuitem"
            class="menu-item danger"
            data-testid="menu-forget"
            on:click=move |_| {
                close();
                let whom = Selection::Named(BTreeSet::from([named.clone()]));
                state.bulk_step.set(Some(BulkStep::Ask { what: BulkKind::Forget, whom, many: 1 }));
            }
        >
            <Glyph icon=Icon::Delete />"Forget…"
        </button>
    }
}

/// Arrow keys go round in the menu.
fn move_focus(event: &KeyboardEvent) {
    let down = match event.key().as_str() {
        "ArrowDown" => true,
        "ArrowUp" => false,
        _ => return,
    };
    event.prevent_default();
    event.stop_propagation();
    browser::focus_next("[data-testid=row-menu] [role=menuitem]", down);
}
