use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use lwm2m_codec::Path;
use lwm2m_codec::attributes::{Attribute, EffectiveAttributes, NotificationAttributes};
use lwm2m_model::notification::in_words;

use crate::browser;
use crate::live::Live;
use crate::memo::memo;
use crate::workbench::Workbench;
use crate::write::AttributeLine;

/// The notification attributes of a node, with those that the client has.
#[component]
pub(crate) fn AttributesForm(path: Path) -> impl IntoView {
    let bench = expect_context::<Workbench>();
    let live = expect_context::<Live>();
    let attached = memo(move || {
        live.structure.track();
        live.with_device(|device| device.attributes(&path).to_vec()).unwrap_or_default()
    });
    Effect::new(move |before: Option<()>| {
        attached.with(|attached| {
            if before.is_some() {
                bench.attributes.update(|drafts| {
                    if let Some(draft) = drafts.get_mut(&path) {
                        draft.refresh(attached);
                    }
                });
            }
        });
    });
    let draft = memo(move || bench.attributes.with(|drafts| drafts.get(&path).cloned()));
    let query = memo(move || draft.with(|draft| draft.as_ref().map(|draft| draft.query())));
    let attributes: Vec<Attribute> = draft.with_untracked(|draft| {
        draft.iter().flat_map(|draft| &draft.lines).map(|line| line.attribute).collect()
    });
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if let Some(Ok(query)) = query.get_untracked() {
            bench.write_attributes(path, query);
        }
    };
    let above = memo(move || {
        live.structure.track();
        let nothing = NotificationAttributes::default();
        live.with_device(|device| device.effective_attributes(&path, Some(nothing))).unwrap_or_default()
    });
    // What the device will do, while what is typed can be.
    let meaning = memo(move || {
        live.structure.track();
        let outcome = draft.with(|draft| draft.as_ref()?.outcome())?;
        let attributes = live.with_device(|device| device.effective_attributes(&path, Some(outcome)))?;
        Some(in_words(&attributes, path.level()))
    });
    let ready = move || matches!(query.get(), Some(Ok(_)));
    let note = move || match query.get() {
        Some(Ok(query)) => format!("Sends PUT {path}?{query}"),
        Some(Err(problem)) => problem,
        None => String::new(),
    };
    // Since LwM2M 1.2 an Observe can bring its own (Core §6.4.1).
    let parametrised = untrack(|| bench.version() == "1.2" && bench.offered(&path).observe);
    request_animation_frame(|| browser::focus_and_select(".attributes-form input"));
    view! {
        <form class="write-form attributes-form" on:submit=submit aria-label=format!("Attributes of {path}") novalidate data-testid="attributes-form">
            <p class="muted">"Empty unsets. What is set here goes before what the levels above have."</p>
            <div class="attribute-lines">
                {attributes.into_iter().map(|attribute| view! { <AttributeField path=path attribute=attribute above=above /> }).collect_view()}
            </div>
            {move || meaning.get().map(|meaning| view! { <p data-testid="attributes-meaning">{meaning}</p> })}
            <p class="form-sends" class:muted=ready>{note}</p>
            <div class="form-actions">
                <button
                    type="submit"
                    class="button primary"
                    data-testid="attributes-submit"
                    disabled=move || !ready() || bench.is_pending(&path).is_some()
                >
                    "Write-Attributes"
                </button>
                {parametrised.then(|| view! {
                    <button
                        type="button"
                        class="button"
                        title="They hold for this observation only, and the device keeps what it has attached"
                        data-testid="observe-with"
                        disabled=move || !ready() || bench.is_pending(&path).is_some()
                        on:click=move |_| if let Some(Ok(query)) = query.get_untracked() {
                            bench.observe_with(path, query);
                        }
                    >
                        "Observe with these"
                    </button>
                })}
                <button type="button" class="button" on:click=move |_| bench.close_attributes(path)>"Close"</button>
            </div>
        </form>
    }
}

#[component]
fn AttributeField(path: Path, attribute: Attribute, above: Memo<EffectiveAttributes>) -> impl IntoView {
    let bench = expect_context::<Workbench>();
    let line = memo(move || {
        bench.attributes.with(|drafts| {
            let draft = drafts.get(&path)?;
            draft.lines.iter().find(|line| line.attribute == attribute).cloned()
        })
    });
    let text = move || line.with(|line| line.as_ref().map(|line| line.text.clone()).unwrap_or_default());
    let set = move |text: String| {
        bench.attributes.update(|drafts| {
            if let Some(draft) = drafts.get_mut(&path) {
                draft.set(attribute, text);
            }
        });
    };
    let unit = line.with_untracked(|line| line.as_ref().map_or("", AttributeLine::unit));
    let current = move || {
        line.with(|line| {
            line.as_ref()
                .filter(|line| !line.current.is_empty() && line.text != line.current)
                .map(|line| format!("was {}", line.current))
        })
    };
    let inherited = memo(move || {
        line.with(|line| above.with(|above| line.as_ref().and_then(|line| line.inherited(above))))
    });
    let input = if let Some(names) = line.with_untracked(|line| line.as_ref().and_then(AttributeLine::bits)) {
        view! {
            <select class="field" data-attribute=attribute.name() on:change=move |event| set(event_target_value(&event))>
                <option value="" selected=move || text().is_empty()>"not set"</option>
                {names.into_iter().enumerate().map(|(bit, name)| {
                    let value = bit.to_string();
                    let chosen = value.clone();
                    view! { <option value=value selected=move || text() == chosen>{name}</option> }
                }).collect_view()}
            </select>
        }
        .into_any()
    } else {
        view! {
            <input
                class="field mono"
                inputmode="decimal"
                autocomplete="off"
                placeholder="not set"
                data-attribute=attribute.name()
                prop:value=text
                on:input=move |event| set(event_target_value(&event))
            />
        }
        .into_any()
    };
    view! {
        <label class="attribute-line">
            <code>{attribute.name()}</code>
            <span class="muted attribute-title">{attribute.title()}</span>
            {input}
            <span class="muted">{unit}" "{current}</span>
            {move || inherited.get().map(|inherited| view! {
                <span class="attribute-inherited muted" data-inherited=attribute.name()>{inherited}</span>
            })}
        </label>
    }
}
