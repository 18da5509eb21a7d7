use leptos::prelude::*;

use crate::browser;
use crate::components::access_control::DevicesCard;

/// Devices whose access control can be edited.
#[component]
pub(crate) fn AccessControlPage() -> impl IntoView {
    browser::set_title("Access control · LwM2M Console");
    view! {
        <div class="ac-page" data-testid="access-control-page">
            <h1 class="visually-hidden">"Access control"</h1>
            <DevicesCard />
        </div>
    }
}
