use console_api::AccessControlTemplate;
use leptos::prelude::*;

use crate::access_control;
use crate::components::date_time;
use crate::components::{Glyph, Icon, Modal};
use crate::format;
use crate::frame::Notices;
use crate::memo::memo;
use crate::pages::AccessControlPageState;

/// Rights that are kept for devices to come.
#[component]
pub(crate) fn TemplatesCard(state: AccessControlPageState) -> impl IntoView {
    let deleting = RwSignal::new(None::<AccessControlTemplate>);
    let names = memo(move || {
        state
            .templates
            .with(|all| all.iter().map(|one| (one.name.clone(), one.saved_at_ms)).collect::<Vec<_>>())
    });
    let row = move |(name, _): (String, u64)| {
        let template = state.templates.with_untracked(|all| all.iter().find(|one| one.name == name).cloned());
        template.map(|template| view! { <TemplateRow state=state template=template deleting=deleting /> })
    };
    view! {
        <section class="card ac-list-card" aria-labelledby="templates-title" data-testid="templates">
            <div class="card-head">
                <h2 id="templates-title">"Templates"</h2>
                <span class="muted">"rights to give to many devices"</span>
            </div>
            {move || names.with(Vec::is_empty).then(|| view! {
                <p class="card-note muted">"None yet. Open a device and choose “Save as template…”."</p>
            })}
            <ul class="ac-templates">
                <For each=move || names.get() key=Clone::clone let:key>{row(key)}</For>
            </ul>
        </section>
        <DeleteDialog state=state deleting=deleting />
    }
}

#[component]
fn TemplateRow(
    state: AccessControlPageState,
    template: AccessControlTemplate,
    deleting: RwSignal<Option<AccessControlTemplate>>,
) -> impl IntoView {
    let AccessControlTemplate { name, description, rules, saved_at_ms, author } = template.clone();
    let (chosen, delete) = (name.clone(), format!("Delete {name}"));
    let by = if author.is_empty() { String::new() } else { format!(" by {author}") };
    view! {
        <li class="ac-template" data-testid="template">
            <span class="wrap"><b>{name}</b><span class="muted">{format!(" {description}")}</span></span>
            <span class="muted">{format!("{}, {}{by}", format::plural(rules.len(), "rule"), date_time(saved_at_ms))}</span>
            <button type="button" class="button" data-testid="template-to-many" on:click=move |_| state.applying.set(Some(chosen.clone()))>
                "Apply to devices…"
            </button>
            <button type="button" class="button ghost square" aria-label=delete data-testid="template-delete" on:click=move |_| deleting.set(Some(template.clone()))>
                <Glyph icon=Icon::Delete />
            </button>
        </li>
    }
}

#[component]
fn DeleteDialog(
    state: AccessControlPageState,
    deleting: RwSignal<Option<AccessControlTemplate>>,
) -> impl IntoView {
    let notices = expect_context::<Notices>();
    let name =
        move || deleting.with(|template| template.as_ref().map(|it| it.name.clone()).unwrap_or_default());
    let delete = move |_| {
        let name = untrack(name);
        deleting.set(None);
        leptos::task::spawn_local(async move {
            match access_control::delete_template(&name).await {
                Ok(()) => state.ask(),
                Err(failure) => notices.fail(format!("Not deleted: {}", failure.told())),
            }
        });
    };
    view! {
        <Modal
            open=Signal::derive(move || deleting.with(Option::is_some))
            on_close=move || deleting.set(None)
            title=Signal::derive(move || format!("Delete {}?", name()))
            name="template-delete-dialog"
        >
            <p>"Devices keep what it has given them."</p>
            <div class="form-actions">
                <button type="button" class="button primary danger" data-testid="template-delete-submit" on:click=delete>"Delete"</button>
                <button type="button" class="button" on:click=move |_| deleting.set(None)>"Cancel"</button>
            </div>
        </Modal>
    }
}
