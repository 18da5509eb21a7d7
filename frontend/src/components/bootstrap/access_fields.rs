use console_api::{AccessControlTemplate, BootstrapAccessControl, BootstrapConfiguration};
use leptos::prelude::*;

use super::account_card::short;
use super::fields::{Binding, NumberField, NumberInput, Wrong, wrong};
use crate::bootstrap::{RIGHTS, fill, templates};
use crate::components::{Glyph, Icon};
use crate::live::Live;
use crate::memo::memo;
use crate::pages::EditorState;

/// Of the instance that stands for the Object itself: who may create (LwM2M Access Control Object, Resource 1).
const OBJECT_ITSELF: u16 = 65_535;

/// The right to create, which is one to the Object; all others are to an instance.
const CREATE: u8 = 16;

/// Who may do what, before the device meets its servers.
#[component]
pub(super) fn AccessFields(state: EditorState) -> impl IntoView {
    let count = memo(move || state.draft.with(|draft| draft.access_control.len()));
    let add = move |_| {
        state.edit(|draft| {
            let first = draft.servers.iter().find(|account| !account.bootstrap_server);
            let owner = first.map(|account| account.short_server_id).unwrap_or_default();
            let acl = [(owner, 15)].into_iter().collect();
            draft.access_control.push(BootstrapAccessControl {
                instance: None,
                object: 1,
                object_instance: 0,
                acl,
                owner,
            });
        });
    };
    view! {
        <fieldset class="bs-group" data-field="access_control" tabindex="-1">
            <legend class="caption">"Access control"</legend>
            {move || (count.get() == 0).then(|| view! {
                <p class="muted">"None: a device with one server lets it do everything; with several, each has what it made."</p>
            })}
            {move || {
                state.drawn.track();
                view! {
                    <For each=move || 0..count.get() key=|index| *index let:index>
                        <AccessCard state=state index=index />
                    </For>
                }
            }}
            <button type="button" class="button bs-add" data-testid="access-add" on:click=add>
                <Glyph icon=Icon::Add />"Access control"
            </button>
            <FromTemplate state=state />
        </fieldset>
    }
}

/// Rights that are kept for devices, for those that have none yet.
#[component]
fn FromTemplate(state: EditorState) -> impl IntoView {
    let kept = RwSignal::new(Vec::<AccessControlTemplate>::new());
    leptos::task::spawn_local(async move {
        // Without them there is nothing to choose from, and nothing else is missing.
        if let Ok(templates) = templates().await {
            kept.try_set(templates);
        }
    });
    let choose = move |event: web_sys::Event| {
        let name = event_target_value(&event);
        let rules = kept.with_untracked(|kept| {
            kept.iter().find(|template| template.name == name).map(|template| template.rules.clone())
        });
        if let Some(rules) = rules {
            state.redraw(|draft| fill(draft, &rules));
        }
    };
    move || {
        let names = kept.with(|kept| kept.iter().map(|template| template.name.clone()).collect::<Vec<_>>());
        (!names.is_empty()).then(|| view! {
            <select
                class="bs-template" aria-label="Access control from template" data-testid="access-template"
                prop:value="" on:change=choose
            >
                <option value="">"From template…"</option>
                {names.into_iter().map(|name| view! { <option value=name>{name.clone()}</option> }).collect_view()}
            </select>
        })
    }
}

fn of_access<T: Default + 'static>(
    index: usize,
    read: fn(&BootstrapAccessControl) -> T,
    write: fn(&mut BootstrapAccessControl, T),
) -> Binding<T> {
    Binding::new(
        move |draft| draft.access_control.get(index).map(read).unwrap_or_default(),
        move |draft, value| {
            if let Some(access) = draft.access_control.get_mut(index) {
                write(access, value);
            }
        },
    )
}

#[component]
fn AccessCard(state: EditorState, index: usize) -> impl IntoView {
    let live = expect_context::<Live>();
    let access =
        memo(move || state.draft.with(|draft| draft.access_control.get(index).cloned()).unwrap_or_default());
    let title = move || {
        let access = access.get();
        let instance = match access.object_instance {
            OBJECT_ITSELF => " (new instances)".to_owned(),
            id => format!("/{id}"),
        };
        let name = live.definitions.with(|definitions| {
            definitions.registry().and_then(|registry| Some(registry.object(access.object)?.name.clone()))
        });
        format!("/{}{instance} {}", access.object, name.unwrap_or_default())
    };
    let id = move || {
        access.with(|access| access.instance.map_or_else(|| "/2/x".to_owned(), |id| format!("/2/{id}")))
    };
    let object =
        of_access(index, |it| Some(it.object.into()), |it, id| it.object = short(id).unwrap_or_default());
    let owner =
        of_access(index, |it| Some(it.owner.into()), |it, id| it.owner = short(id).unwrap_or_default());
    let own = of_access(index, |it| it.instance.map(u64::from), |it, id| it.instance = short(id));
    view! {
        <section class="bs-card" aria-label=title data-testid="access" data-field=format!("access_control/{index}") tabindex="-1">
            <div class="bs-card-head">
                <h3>{title}</h3>
                <span class="spacer"></span>
                <span class="chip mono" title="x: a free instance id">{id}</span>
                <button
                    type="button" class="button ghost square" aria-label=move || format!("Remove access control of {}", title())
                    on:click=move |_| state.redraw(|draft| {
                        if index < draft.access_control.len() {
                            draft.access_control.remove(index);
                        }
                    })
                >
                    <Glyph icon=Icon::Delete />
                </button>
            </div>
            <div class="bs-card-body">
                <NumberField state=state field=format!("access_control/{index}/object") label="Object" range=1..=65_534 binding=object />
                <TargetInstance state=state index=index access=access />
                <Matrix state=state index=index access=access />
                <NumberField state=state field=format!("access_control/{index}/owner") label="Owner" range=0..=65_535 binding=owner />
                <details class="bs-more">
                    <summary>"Instance id"</summary>
                    <NumberField
                        state=state field=format!("access_control/{index}/instance") label="Access control /2/" absent="a free one"
                        range=0..=65_534 binding=own
                    />
                </details>
            </div>
        </section>
    }
}

/// An instance, or the Object itself.
#[component]
fn TargetInstance(state: EditorState, index: usize, access: Memo<BootstrapAccessControl>) -> impl IntoView {
    let field = format!("access_control/{index}/object_instance");
    let wrong = wrong(state, &field);
    let itself = memo(move || access.with(|access| access.object_instance == OBJECT_ITSELF));
    let instance = move || {
        of_access(
            index,
            |it| Some(it.object_instance.into()),
            |it, id| it.object_instance = short(id).unwrap_or_default(),
        )
    };
    let choose = move |whole: bool| {
        state.edit(|draft| {
            if let Some(access) = draft.access_control.get_mut(index) {
                access.object_instance = if whole { OBJECT_ITSELF } else { 0 };
            }
        });
    };
    let segment = move |whole: bool, title: &'static str| {
        view! {
            <button
                type="button" class="segment"
                aria-pressed=move || (itself.get() == whole).to_string()
                on:click=move |_| choose(whole)
            >
                {title}
            </button>
        }
    };
    view! {
        <div class="bs-field">
            <span class="bs-label">"Of"</span>
            <span class="bs-input">
                <span class="bs-pair">
                    <span class="segments" role="group" aria-label="Of an instance, or of the Object">
                        {segment(false, "instance")}
                        {segment(true, "new instances")}
                    </span>
                    {move || (!itself.get()).then(|| view! {
                        <NumberInput
                            state=state field=format!("access_control/{index}/object_instance") binding=instance()
                            range=0..=65_534 absent="" unit="" wrong=wrong name="Object Instance"
                        />
                    })}
                </span>
                <Wrong wrong=wrong />
            </span>
        </div>
    }
}

/// Servers that have a line: those that have rights, those of the accounts, and everyone else.
fn servers(draft: &BootstrapConfiguration, access: &BootstrapAccessControl) -> Vec<u16> {
    let accounts = draft.servers.iter().filter(|account| !account.bootstrap_server);
    let mut ids: Vec<u16> = accounts.map(|account| account.short_server_id).filter(|id| *id > 0).collect();
    ids.extend(access.acl.keys());
    ids.push(0);
    ids.sort_unstable_by_key(|id| (*id == 0, *id));
    ids.dedup();
    ids
}

/// Rights by server.
#[component]
fn Matrix(state: EditorState, index: usize, access: Memo<BootstrapAccessControl>) -> impl IntoView {
    let ids = memo(move || state.draft.with(|draft| access.with(|access| servers(draft, access))));
    let place = format!("access_control/{index}/acl");
    let wrong = wrong(state, &place);
    view! {
        <div class="bs-matrix-scroll" data-field=place tabindex="-1">
            <table class="bs-matrix" aria-label="Rights" data-testid="rights">
                <thead>
                    <tr>
                        <th scope="col">"Server"</th>
                        {RIGHTS.map(|(_, letter, title)| view! { <th scope="col"><abbr title=title>{letter}</abbr></th> })}
                    </tr>
                </thead>
                <tbody>
                    <For each=move || ids.get() key=|id| *id let:id>
                        <tr>
                            <th scope="row">{if id == 0 { "everyone else".to_owned() } else { id.to_string() }}</th>
                            {RIGHTS.map(|right| view! { <td><Right state=state index=index access=access server=id right=right /></td> })}
                        </tr>
                    </For>
                </tbody>
            </table>
            <Wrong wrong=wrong />
        </div>
    }
}

#[component]
fn Right(
    state: EditorState,
    index: usize,
    access: Memo<BootstrapAccessControl>,
    server: u16,
    right: (u8, &'static str, &'static str),
) -> impl IntoView {
    let (bit, _, title) = right;
    let on =
        memo(move || access.with(|access| access.acl.get(&server).is_some_and(|rights| rights & bit != 0)));
    // To create is a right to the Object, all others are rights to an instance.
    let fits =
        memo(move || access.with(|access| (access.object_instance == OBJECT_ITSELF) == (bit == CREATE)));
    let whom = if server == 0 { "everyone else".to_owned() } else { format!("server {server}") };
    let change = move |event| {
        let on = event_target_checked(&event);
        state.edit(|draft| {
            let Some(access) = draft.access_control.get_mut(index) else { return };
            let rights = access.acl.entry(server).or_default();
            *rights = if on { *rights | bit } else { *rights & !bit };
            if *rights == 0 {
                access.acl.remove(&server);
            }
        });
    };
    view! {
        <label class="bs-right">
            <input
                type="checkbox"
                aria-label=format!("{title}: {whom}")
                prop:checked=on
                disabled=move || !fits.get() && !on.get()
                on:change=change
            />
        </label>
    }
}
