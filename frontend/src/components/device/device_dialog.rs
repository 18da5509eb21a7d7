use leptos::html;
use leptos::prelude::*;

use super::delete_form::DeleteForm;
use super::execute_form::ExecuteForm;
use super::forget_form::ForgetForm;
use super::form_body::FormBody;
use super::request_options_form::RequestOptionsForm;
use crate::workbench::{Dialog, Workbench};

/// The one modal dialog of the page: for what has to be asked before it is sent.
#[component]
pub(crate) fn DeviceDialog() -> impl IntoView {
    let bench = expect_context::<Workbench>();
    let dialog = NodeRef::<html::Dialog>::new();
    Effect::new(move |_| {
        let Some(dialog) = dialog.get() else {
            return;
        };
        match (bench.dialog.get().is_some(), dialog.open()) {
            // A dialog that cannot be shown leaves the page as it is.
            (true, false) => _ = dialog.show_modal(),
            (false, true) => dialog.close(),
            _ => {}
        }
    });
    let body = move || {
        bench.dialog.get().map(|dialog| match dialog {
            Dialog::Execute(path) => view! { <ExecuteForm path=path /> }.into_any(),
            Dialog::Delete(path) => view! { <DeleteForm path=path /> }.into_any(),
            Dialog::Form => view! { <FormBody /> }.into_any(),
            Dialog::RequestOptions => view! { <RequestOptionsForm /> }.into_any(),
            Dialog::Forget => view! { <ForgetForm /> }.into_any(),
        })
    };
    view! {
        <dialog
            class="dialog"
            class:wide=move || bench.dialog.get() == Some(Dialog::Form)
            node_ref=dialog
            aria-labelledby="dialog-title"
            data-testid="device-dialog"
            on:close=move |_| bench.dialog.set(None)
        >
            {body}
        </dialog>
    }
}
