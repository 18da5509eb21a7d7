use console_api::ClientList;
use leptos::prelude::*;

use crate::api::{self, Failure};
use crate::format;
use crate::pages::ObjectsState;
use crate::routing::Route;

/// Devices that are named; the rest is a click away.
const NAMED: usize = 4;

/// Which registered devices have an object.
#[component]
pub(super) fn Owners(id: u16, state: ObjectsState) -> impl IntoView {
    let owners = RwSignal::new(None::<Result<ClientList, Failure>>);
    Effect::new(move |_| {
        state.used.track();
        leptos::task::spawn_local(async move {
            let answer = api::clients_with(id, NAMED).await;
            owners.try_set(Some(answer));
        });
    });
    move || match owners.get() {
        None => view! { <span class="muted">"Asking…"</span> }.into_any(),
        Some(Err(failure)) => view! { <span class="form-problem">{failure.message}</span> }.into_any(),
        Some(Ok(list)) if list.total == 0 => {
            view! { <span class="muted" data-testid="definition-owners">"No registered device has it"</span> }
                .into_any()
        }
        Some(Ok(list)) => {
            let more = list.total.saturating_sub(list.clients.len());
            let device = |endpoint: String| {
                let address = Route::Device { endpoint: endpoint.clone() }.address();
                view! { <a class="chip mono" href=format!("{address}#/{id}") title=endpoint><bdi>{endpoint.clone()}</bdi></a> }
            };
            let devices = list.clients.into_iter().map(|client| device(client.endpoint)).collect_view();
            view! {
                <span class="definition-owners" data-testid="definition-owners">
                    <a href=format!("/?object={id}")>{format::plural(list.total, "device")}</a>
                    {devices}
                    {(more > 0).then(|| view! { <span class="muted">{format!("+{}", format::count(more as u64))}</span> })}
                </span>
            }
            .into_any()
        }
    }
}
