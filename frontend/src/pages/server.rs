use leptos::prelude::*;

use crate::browser;
use crate::components::server::{
    AddressesCard, DevicesCard, HealthCard, LimitsCard, ProgramsCard, SimulatedCard, StorageCard, TrafficCard,
};
use crate::components::{EmptyState, Loading};
use crate::live::{Live, Phase};
use crate::memo::memo;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Figures {
    There,
    Awaited,
    /// The server has been away since the page was opened.
    Missing,
}

/// The server itself: where devices find it, how it is, what it is bounded by.
#[component]
pub(crate) fn ServerPage() -> impl IntoView {
    browser::set_title("Server · LwM2M Console");
    let live = expect_context::<Live>();
    let figures = memo(move || {
        let away = live.connection.with(|connection| matches!(connection.phase, Phase::Offline { .. }));
        match (live.server.with(Option::is_some), away) {
            (true, _) => Figures::There,
            (false, false) => Figures::Awaited,
            (false, true) => Figures::Missing,
        }
    });
    view! {
        <h1 class="visually-hidden">"Server"</h1>
        {move || match figures.get() {
            Figures::There => view! {
                <div class="server-page" data-testid="server-page">
                    <AddressesCard />
                    <HealthCard />
                    <DevicesCard />
                    <StorageCard />
                    <TrafficCard />
                    <LimitsCard />
                    <SimulatedCard />
                    <ProgramsCard />
                </div>
            }
            .into_any(),
            Figures::Awaited => view! { <Loading label="Loading the figures of the server" /> }.into_any(),
            Figures::Missing => view! {
                <EmptyState title="The server has not answered yet" testid="server-missing">
                    <p>"Its addresses and figures appear here as soon as it does; nothing has to be reloaded."</p>
                </EmptyState>
            }
            .into_any(),
        }}
    }
}
