use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use lwm2m_codec::{ContentFormat, Path};

use super::draft_fields::DraftFields;
use super::result_line::ResultLine;
use super::write_form::sends;
use crate::browser;
use crate::format;
use crate::memo::memo;
use crate::workbench::{Workbench, node_name};
use crate::write::{Draft, Form, FormKind, FormProblem, Formats, Payload, Problem};

type Encoded = Option<Result<Payload, FormProblem>>;

/// Values of several Resources in one request: Write to an Object Instance, Create, Write-Composite.
#[component]
pub(crate) fn FormBody() -> impl IntoView {
    let bench = expect_context::<Workbench>();
    let payload: Memo<Encoded> = memo(move || {
        let formats = bench.formats()?;
        bench.form.with(|form| form.as_ref().map(|form| encode(bench, form, &formats)))
    });
    let base = bench.form.with_untracked(|form| form.as_ref().map(|form| form.base)).unwrap_or(Path::ROOT);
    let count = bench.form.with_untracked(|form| form.as_ref().map_or(0, |form| form.lines.len()));
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if let (Some(form), Some(Ok(payload))) = (bench.form.get_untracked(), payload.get_untracked()) {
            bench.send_form(&form, &payload);
        }
    };
    let problem = move || match payload.get() {
        Some(Err(problem)) if problem.line.is_none() => Some(problem.message),
        _ => None,
    };
    let note = move || payload.with(|payload| payload.as_ref()?.as_ref().ok().map(sends));
    let removed = memo(move || bench.form.with(|form| form.as_ref().map_or(0, Form::removed)));
    let (title, verb) = title(bench, base);
    view! {
        <form on:submit=submit class="form-body" novalidate data-testid="device-form">
            <div class="dialog-head">
                <h2 id="dialog-title">{title}</h2>
                <code class="muted">{base.to_string()}</code>
            </div>
            <WriteKind />
            <NewId />
            <div class="form-lines">
                {(0..count).map(|index| view! { <FormLine index=index payload=payload /> }).collect_view()}
                {(count == 0).then(|| view! {
                    <p class="muted">"The registry has no writable Resource to ask for: the device fills in what it has."</p>
                })}
            </div>
            {move || (removed.get() > 0).then(|| view! {
                <p class="form-remark">
                    {format!("A Replace takes away {} that {} not ticked.", format::plural(removed.get(), "value"), if removed.get() == 1 { "is" } else { "are" })}
                </p>
            })}
            <p class="form-problem">{problem}</p>
            <p class="muted form-sends">{note}</p>
            <ResultLine path=base />
            <div class="form-actions">
                <button
                    type="submit"
                    class="button primary"
                    data-testid="form-submit"
                    disabled=move || !matches!(payload.get(), Some(Ok(_))) || bench.is_pending(&base).is_some()
                >
                    {verb}
                </button>
                <button type="button" class="button" on:click=move |_| bench.dialog.set(None)>"Cancel"</button>
            </div>
        </form>
    }
}

fn encode(bench: Workbench, form: &Form, formats: &Formats) -> Result<Payload, FormProblem> {
    let chosen = bench.options.with(|options| options.content_format).map(ContentFormat);
    form.encode(formats, chosen, browser::east_min)
}

fn title(bench: Workbench, base: Path) -> (String, &'static str) {
    let kind = bench.form.with_untracked(|form| form.as_ref().map(|form| form.kind.clone()));
    match kind {
        Some(FormKind::Create { .. }) => {
            (format!("New instance of {}", untrack(|| node_name(bench, &base))), "Create")
        }
        Some(FormKind::Write { .. }) => (format!("Write {}", untrack(|| node_name(bench, &base))), "Write"),
        Some(FormKind::Composite) | None => ("Write-Composite".to_owned(), "Write"),
    }
}

/// Partial Update or Replace of an Object Instance.
#[component]
fn WriteKind() -> impl IntoView {
    let bench = expect_context::<Workbench>();
    let replace = memo(move || {
        bench.form.with(|form| match form.as_ref().map(|form| &form.kind) {
            Some(FormKind::Write { replace }) => Some(*replace),
            _ => None,
        })
    });
    let option = move |one: bool, label: &'static str| {
        view! {
            <button
                type="button"
                class="segment"
                aria-pressed=move || (replace.get() == Some(one)).to_string()
                on:click=move |_| bench.form.update(|form| {
                    if let Some(form) = form {
                        form.set_replace(one);
                    }
                })
            >
                {label}
            </button>
        }
    };
    let shown = memo(move || replace.get().is_some());
    move || {
        shown.get().then(|| {
            view! {
                <div class="segments" role="group" aria-label="Resources that are not given">
                    {option(false, "Partial Update")}
                    {option(true, "Replace")}
                </div>
            }
        })
    }
}

/// The id that a new instance is to have.
#[component]
fn NewId() -> impl IntoView {
    let bench = expect_context::<Workbench>();
    let id = memo(move || {
        bench.form.with(|form| match form.as_ref().map(|form| &form.kind) {
            Some(FormKind::Create { id }) => Some(id.clone()),
            _ => None,
        })
    });
    let shown = memo(move || id.with(Option::is_some));
    move || {
        shown.get().then(|| {
            view! {
                <label class="form-line">
                    <span>"Object Instance ID"</span>
                    <input
                        class="field mono entry-id"
                        inputmode="numeric"
                        placeholder="auto"
                        data-testid="new-id"
                        prop:value=move || id.get().unwrap_or_default()
                        on:input=move |event| {
                            let text = event_target_value(&event);
                            bench.form.update(|form| {
                                if let Some(form) = form {
                                    form.kind = FormKind::Create { id: text };
                                }
                            });
                        }
                    />
                    <span class="muted">"empty: the device picks one"</span>
                </label>
            }
        })
    }
}

/// One Resource, with a box to leave it out.
#[component]
fn FormLine(index: usize, payload: Memo<Encoded>) -> impl IntoView {
    let bench = expect_context::<Workbench>();
    let line =
        bench.form.with_untracked(|form| form.as_ref().and_then(|form| form.lines.get(index).cloned()));
    let line = line?;
    let (path, mandatory) = (line.path, line.is_mandatory());
    let shown_path = match bench.form.with_untracked(|form| form.as_ref().map(|form| form.kind.clone())) {
        Some(FormKind::Create { .. }) => path.resource_id().map(|id| id.to_string()).unwrap_or_default(),
        _ => path.to_string(),
    };
    let name = untrack(|| node_name(bench, &path));
    let of_line = move |form: &Option<Form>| form.as_ref().and_then(|form| form.lines.get(index).cloned());
    let draft = memo(move || bench.form.with(of_line).map(|line| line.draft));
    let included = memo(move || bench.form.with(of_line).is_some_and(|line| line.included));
    let on_draft = Callback::new(move |draft: Draft| {
        bench.form.update(|form| {
            if let Some(line) = form.as_mut().and_then(|form| form.lines.get_mut(index)) {
                line.edit(draft);
            }
        });
    });
    let problem = memo(move || match payload.get() {
        Some(Err(FormProblem { line: Some(at), message })) if at == index => {
            Some(Problem { entry: 0, message })
        }
        _ => None,
    });
    let label = name.clone();
    Some(view! {
        <fieldset class="form-row" class:left-out=move || !included.get() data-path=path.to_string()>
            <legend>
                <label class="form-tick">
                    <input
                        type="checkbox"
                        prop:checked=included
                        on:change=move |event| {
                            let on = event_target_checked(&event);
                            bench.form.update(|form| {
                                if let Some(line) = form.as_mut().and_then(|form| form.lines.get_mut(index)) {
                                    line.included = on;
                                }
                            });
                        }
                    />
                    <span>{name}</span>
                    <code class="muted">{shown_path}</code>
                    {mandatory.then(|| view! { <span class="chip">"mandatory"</span> })}
                </label>
            </legend>
            <DraftFields
                path=path
                draft=draft
                on_draft=on_draft
                problem=problem
                definition=line.definition
                label=label
            />
        </fieldset>
    })
}
