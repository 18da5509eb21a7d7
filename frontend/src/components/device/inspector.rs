use leptos::prelude::*;

use super::chart_card::ChartCard;
use super::node_card::NodeCard;
use super::queue_card::QueueCard;
use super::registration_card::RegistrationCard;
use super::wire_card::WireCard;
use crate::components::{Glyph, Icon};
use crate::workbench::Workbench;

/// Everything about the selected node; the registration while none is.
#[component]
pub(crate) fn Inspector() -> impl IntoView {
    let bench = expect_context::<Workbench>();
    view! {
        <section class="inspector" aria-label="Inspector" data-testid="inspector">
            {move || match bench.selected.get() {
                None => view! { <QueueCard /><RegistrationCard /> }.into_any(),
                Some(path) => view! {
                    <button class="button small back" on:click=move |_| bench.select(None)>
                        <Glyph icon=Icon::Back />
                        "Object tree"
                    </button>
                    <NodeCard path=path />
                    <ChartCard path=path />
                    <WireCard path=path />
                }
                .into_any(),
            }}
        </section>
    }
}
