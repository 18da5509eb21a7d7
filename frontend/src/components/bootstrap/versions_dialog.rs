use bootstrap_configuration::{Difference, differences};
use console_api::SavedBootstrapConfiguration;
use leptos::prelude::*;

use crate::bootstrap::{self, title};
use crate::components::date_time;
use crate::components::{Loading, Modal};
use crate::frame::Notices;
use crate::memo::memo;
use crate::pages::EditorState;

/// The versions of a configuration, what is different between two of them, and the way back.
#[component]
pub(crate) fn VersionsDialog(state: EditorState) -> impl IntoView {
    view! {
        <Modal
            open=state.versions_open
            on_close=move || state.versions_open.set(false)
            title=Signal::derive(|| "Versions".to_owned())
            name="versions-dialog"
        >
            <Versions state=state />
        </Modal>
    }
}

#[component]
fn Versions(state: EditorState) -> impl IntoView {
    let versions = RwSignal::new(None::<Result<Vec<SavedBootstrapConfiguration>, String>>);
    let (before, after) = (RwSignal::new(0_u32), RwSignal::new(0_u32));
    if let Some(id) = state.saved.with_untracked(|saved| saved.as_ref().map(|saved| saved.id)) {
        leptos::task::spawn_local(async move {
            let told = bootstrap::versions(id).await.map(|it| it.versions).map_err(|failure| failure.told());
            if let Ok(all) = &told {
                let newest = all.first().map_or(0, |it| it.version);
                after.try_set(newest);
                before.try_set(all.get(1).map_or(newest, |it| it.version));
            }
            versions.try_set(Some(told));
        });
    }
    move || match versions.get() {
        None => view! { <Loading label="Loading the versions" rows=4 /> }.into_any(),
        Some(Err(why)) => view! { <p class="form-problem" role="alert">{why}</p> }.into_any(),
        Some(Ok(all)) => {
            let rows = all.iter().map(|saved| row(state, saved, before, after)).collect_view();
            view! {
                <div class="bs-versions">
                    <table class="plain-table" aria-label="Versions">
                        <thead>
                            <tr>
                                <th scope="col">"Version"</th>
                                <th scope="col">"Saved"</th>
                                <th scope="col" class="bs-author">"By"</th>
                                <th scope="col">"From"</th>
                                <th scope="col">"To"</th>
                                <th scope="col"><span class="visually-hidden">"Roll back"</span></th>
                            </tr>
                        </thead>
                        <tbody>{rows}</tbody>
                    </table>
                </div>
                <Compared all=all before=before after=after />
            }
            .into_any()
        }
    }
}

fn row(
    state: EditorState,
    saved: &SavedBootstrapConfiguration,
    before: RwSignal<u32>,
    after: RwSignal<u32>,
) -> impl IntoView + use<> {
    let notices = expect_context::<Notices>();
    let (id, version) = (saved.id, saved.version);
    let newest = state.saved.with_untracked(|now| now.as_ref().map(|now| now.version)) == Some(version);
    let choose = move |which: RwSignal<u32>, label: String, group: &'static str| {
        view! {
            <label class="bs-right">
                <input
                    type="radio" name=group aria-label=label
                    prop:checked=move || which.get() == version on:change=move |_| which.set(version)
                />
            </label>
        }
    };
    let roll_back = move |_| {
        leptos::task::spawn_local(async move {
            match bootstrap::roll_back(id, version).await {
                Ok(now) => {
                    notices.say(format!("Version {} says what version {version} said", now.version));
                    state.versions_open.try_set(false);
                    state.show(now);
                }
                Err(failure) => notices.fail(format!("Not rolled back: {}", failure.told())),
            }
        });
    };
    view! {
        <tr data-testid="version-row" data-version=version.to_string()>
            <td class="number">{version}</td>
            <td>{date_time(saved.saved_at_ms)}</td>
            <td class="wrap bs-author">{saved.author.clone()}</td>
            <td>{choose(before, format!("Compare from version {version}"), "bs-before")}</td>
            <td>{choose(after, format!("Compare to version {version}"), "bs-after")}</td>
            <td>
                {(!newest).then(|| view! {
                    <button type="button" class="button small" data-testid="roll-back" aria-label=format!("Roll back to version {version}") on:click=roll_back>
                        "Roll back"
                    </button>
                })}
            </td>
        </tr>
    }
}

/// What is different between two versions, field by field.
#[component]
fn Compared(
    all: Vec<SavedBootstrapConfiguration>,
    before: RwSignal<u32>,
    after: RwSignal<u32>,
) -> impl IntoView {
    let compared = memo(move || {
        let of = |version: u32| all.iter().find(|it| it.version == version).map(|it| &it.configuration);
        let (one, other) = (of(before.get())?, of(after.get())?);
        let differences = differences(one, other).into_iter();
        Some(differences.map(|it| (title(other, &it.field), it)).collect::<Vec<_>>())
    });
    let rows = move || {
        let row = |(place, difference): (String, Difference)| {
            let side = |value: Option<String>| {
                value.map_or_else(|| view! { <span class="muted">"–"</span> }.into_any(), IntoAny::into_any)
            };
            view! {
                <tr data-testid="difference">
                    <th scope="row" class="wrap">{place}</th>
                    <td class="mono wrap bs-removed">{side(difference.before)}</td>
                    <td class="mono wrap bs-added">{side(difference.after)}</td>
                </tr>
            }
        };
        compared.get().unwrap_or_default().into_iter().map(row).collect_view()
    };
    let none = memo(move || compared.with(|it| it.as_ref().is_none_or(Vec::is_empty)));
    view! {
        <h3 class="bs-compared-title">{move || format!("From version {} to {}", before.get(), after.get())}</h3>
        <div role="status">{move || none.get().then(|| view! { <p class="muted">"No difference."</p> })}</div>
        {move || (!none.get()).then(|| view! {
            <div class="bs-versions">
                <table class="plain-table" aria-label="Differences">
                    <thead><tr><th scope="col">"Field"</th><th scope="col">"Before"</th><th scope="col">"After"</th></tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        })}
    }
}
