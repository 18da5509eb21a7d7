use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use lwm2m_codec::{ContentFormat, Path};

use super::draft_fields::{DraftFields, change};
use crate::browser;
use crate::format;
use crate::memo::memo;
use crate::workbench::Workbench;
use crate::write::{Draft, Payload, Problem};

/// The form of a Write. What is typed lives in the workbench, so it survives a failure and a look elsewhere.
#[component]
pub(crate) fn WriteForm(path: Path) -> impl IntoView {
    let bench = expect_context::<Workbench>();
    let draft = memo(move || bench.drafts.with(|drafts| drafts.get(&path).cloned()));
    let on_draft = Callback::new(move |changed: Draft| {
        bench.drafts.update(|drafts| {
            drafts.insert(path, changed);
        });
    });
    let payload = memo(move || {
        let several = bench.formats().map_or(ContentFormat::TLV, |formats| formats.of_several());
        let chosen = bench.options.with(|options| options.content_format).map(ContentFormat);
        draft.with(|draft| {
            draft.as_ref().map(|draft| draft.encode(&path, (chosen, several), browser::east_min))
        })
    });
    let problem = memo(move || payload.with(|payload| payload.clone().and_then(Result::err)));
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if let Some(Ok(payload)) = payload.get_untracked() {
            bench.write(path, &payload);
        }
    };
    request_animation_frame(|| browser::focus_and_select("[data-testid=write-input]"));
    view! {
        <form class="write-form" on:submit=submit aria-label=format!("Write {path}") novalidate>
            <DraftFields
                path=path
                draft=draft
                on_draft=on_draft
                problem=problem
                definition=untrack(|| bench.definition(&path))
                label=format!("Value of {path}")
            />
            <ModeChoice draft=draft on_draft=on_draft />
            <Remark path=path draft=draft payload=payload />
            <div class="form-actions">
                <button
                    type="submit"
                    class="button primary"
                    data-testid="write-submit"
                    disabled=move || problem.with(Option::is_some) || bench.is_pending(&path).is_some()
                >
                    "Write"
                </button>
                <button type="button" class="button" on:click=move |_| bench.close_write(path)>"Close"</button>
            </div>
        </form>
    }
}

/// What happens to instances of a multiple Resource that are not given.
#[component]
fn ModeChoice(#[prop(into)] draft: Signal<Option<Draft>>, on_draft: Callback<Draft>) -> impl IntoView {
    let partial = memo(move || {
        draft.with(|draft| draft.as_ref().filter(|draft| draft.multiple).map(|draft| draft.partial))
    });
    let option = move |one: bool, label: &'static str| {
        view! {
            <button
                type="button"
                class="segment"
                aria-pressed=move || (partial.get() == Some(one)).to_string()
                on:click=move |_| change(draft, on_draft, |draft| draft.partial = one)
            >
                {label}
            </button>
        }
    };
    let shown = memo(move || partial.get().is_some());
    move || {
        shown.get().then(|| {
            view! {
                <div class="segments" role="group" aria-label="Instances that are not given">
                    {option(false, "Replace all")}
                    {option(true, "Partial Update")}
                </div>
            }
        })
    }
}

/// What will be sent, and what the device may think of it.
#[component]
fn Remark(
    path: Path,
    #[prop(into)] draft: Signal<Option<Draft>>,
    payload: Memo<Option<Result<Payload, Problem>>>,
) -> impl IntoView {
    let bench = expect_context::<Workbench>();
    let range = memo(move || {
        let range = bench.definition(&path)?.value_range()?;
        draft.with(|draft| draft.as_ref()?.remark(range, browser::east_min))
    });
    let sends = move || payload.with(|payload| payload.as_ref()?.as_ref().ok().map(sends));
    view! {
        {move || range.get().map(|remark| view! { <p class="form-remark">{remark}</p> })}
        <p class="muted form-sends">{sends}</p>
    }
}

/// `Sends 8 bytes as TLV (11542).`
pub(super) fn sends(payload: &Payload) -> String {
    let Payload { format, bytes } = payload;
    let name = format.name().unwrap_or("payload");
    format!("Sends {} as {name} ({}).", format::plural(bytes.len(), "byte"), format.0)
}
