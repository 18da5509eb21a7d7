use console_api::{Client, Status};
use leptos::prelude::*;

use super::fleet_row::Slot;
use super::latest_value::LatestValue;
use crate::components::Age;
use crate::components::device::{SecurityChip, binding};
use crate::fleet::{Column, FleetState};
use crate::format;
use crate::live::Live;
use crate::memo::memo;
use crate::routing::Route;

/// Room for the chips of the Objects, with the padding of each, in letters.
const OBJECTS_LETTERS: usize = 18;
const CHIP_LETTERS: usize = 3;

/// Tags of a row; it says how many more there are.
const TAGS_SHOWN: usize = 2;

/// The cells of a row, one for each column that there is room for.
#[component]
pub(super) fn Cells(row: Memo<Slot>, tab_stop: Memo<usize>) -> impl IntoView {
    let state = expect_context::<FleetState>();
    let cell = move |column: Column| {
        let class = format!("fleet-cell fleet-{}", column.key());
        view! {
            <div role="gridcell" class=class>{content(column, row, tab_stop)}</div>
        }
    };
    move || state.columns.get().into_iter().map(cell).collect_view()
}

fn content(column: Column, row: Memo<Slot>, tab_stop: Memo<usize>) -> AnyView {
    let text = move |part: fn(&Client) -> String| {
        let text = memo(move || row.with(|row| row.client().map(|client| part(client))));
        view! { {text} }.into_any()
    };
    match column {
        Column::Status => view! { <StatusChip row=row /> }.into_any(),
        Column::Endpoint => view! { <Endpoint row=row tab_stop=tab_stop /> }.into_any(),
        Column::Lifetime => view! { <Lifetime row=row /> }.into_any(),
        Column::Binding => text(binding),
        Column::Version => text(|client| client.lwm2m_version.clone()),
        Column::Security => {
            let mode = memo(move || row.with(|row| row.client().map(|client| client.security)));
            (move || mode.get().map(|mode| view! { <SecurityChip mode=mode /> })).into_any()
        }
        Column::Objects => view! { <Objects row=row /> }.into_any(),
        Column::Value => view! { <LatestValue row=row /> }.into_any(),
        Column::Observations => text(|client| match client.observation_count {
            0 => String::new(),
            many => format::count(many.into()),
        }),
        Column::Heard => {
            let heard = move || row.with(|row| row.client().map(|client| client.heard_at_ms));
            view! { <Age at_ms=Signal::derive(heard) /> }.into_any()
        }
        Column::Tags => view! { <Tags row=row /> }.into_any(),
    }
}

/// What a client is now: class and word.
fn status(client: &Client, now_ms: u64) -> (&'static str, &'static str) {
    match client.status {
        // Past its lifetime, and the server has not told yet.
        Status::Awake | Status::Asleep if client.expires_at_ms < now_ms => ("warn", "Overdue"),
        Status::Awake => ("ok", "Awake"),
        Status::Asleep => ("sleep", "Asleep"),
        Status::Expired => ("bad", "Expired"),
        Status::Deregistered => ("", "De-registered"),
    }
}

#[component]
fn StatusChip(row: Memo<Slot>) -> impl IntoView {
    let live = expect_context::<Live>();
    let status = memo(move || row.with(|row| row.client().map(|client| status(client, live.now_ms.get()))));
    let queued = memo(move || row.with(|row| row.client().map_or(0, |client| client.queue.queued)));
    let waiting = move || {
        let queued = queued.get();
        (queued > 0).then(|| {
            let title = format!("{} waiting", format::plural(queued as usize, "command"));
            let shown = title.clone();
            view! {
                <span class="fleet-queued" title=shown data-testid="fleet-queued">
                    <span aria-hidden="true">{format!("+{queued}")}</span>
                    <span class="visually-hidden">{title}</span>
                </span>
            }
        })
    };
    let chip = move || {
        status.get().map(|(class, word)| {
            view! {
                <span class=format!("chip {class}") data-testid="fleet-status">
                    <span class="dot" aria-hidden="true"></span>
                    {word}
                </span>
            }
        })
    };
    view! { {chip}{waiting} }
}

/// The link to the device; it reaches over the whole row.
#[component]
fn Endpoint(row: Memo<Slot>, tab_stop: Memo<usize>) -> impl IntoView {
    let state = expect_context::<FleetState>();
    let names = memo(move || {
        row.with(|row| row.client().map(|client| (client.name.clone(), client.endpoint.clone())))
    });
    let address = move || names.get().map(|(_, endpoint)| Route::Device { endpoint }.address());
    let index = memo(move || row.with(Slot::index));
    let content = move || {
        names.get().map(|(name, endpoint)| {
            let muted = name.is_some();
            view! {
                {name.map(|name| view! { <span class="fleet-name">{name}</span> })}
                <span class="fleet-endpoint-name mono" class:muted=muted><bdi>{endpoint}</bdi></span>
            }
        })
    };
    view! {
        <a
            href=address
            title=move || names.get().map(|(_, endpoint)| endpoint)
            tabindex=move || if index.get() == Some(tab_stop.get()) { "0" } else { "-1" }
            on:focus=move |_| {
                if let Some(index) = index.get_untracked() {
                    state.active.set(index);
                }
            }
        >
            {content}
        </a>
    }
}

/// How much of the lifetime is left.
#[component]
fn Lifetime(row: Memo<Slot>) -> impl IntoView {
    let live = expect_context::<Live>();
    let left = memo(move || {
        row.with(|row| {
            let client = row.client().filter(|client| client.status.is_registered())?;
            let left_ms = client.expires_at_ms.saturating_sub(live.now_ms.get());
            Some((left_ms, u64::from(client.lifetime_s) * 1000))
        })
    });
    let percent = memo(move || {
        let (left_ms, whole_ms) = left.get().unwrap_or_default();
        left_ms.saturating_mul(100).checked_div(whole_ms).unwrap_or_default().min(100)
    });
    let span = memo(move || left.get().map(|(left_ms, _)| format::span(left_ms)));
    let dash = memo(move || left.with(Option::is_none) && row.with(|row| row.client().is_some()));
    view! {
        <span
            class="bar"
            class:warn=move || percent.get() < 30
            class:bad=move || percent.get() < 10
            aria-hidden="true"
        >
            <i style:width=move || format!("{}%", percent.get())></i>
        </span>
        <span class="muted">{span} {move || dash.get().then_some("—")}</span>
    }
}

#[component]
fn Objects(row: Memo<Slot>) -> impl IntoView {
    let live = expect_context::<Live>();
    let objects = memo(move || {
        row.with(|row| {
            let client = row.client()?;
            Some(client.objects.iter().map(|object| (object.id, object.instances.len())).collect::<Vec<_>>())
        })
        .unwrap_or_default()
    });
    let chips = move || {
        let objects = objects.get();
        let shown = shown(&objects);
        let more = objects.len() - shown;
        let chip = |(id, instances): (u16, usize)| {
            let name = live.definitions.with(|definitions| {
                definitions
                    .registry()
                    .and_then(|registry| registry.object(id))
                    .map(|object| object.name.clone())
            });
            view! { <span class="chip" title=name>{label(id, instances)}</span> }
        };
        view! {
            {objects.into_iter().take(shown).map(chip).collect_view()}
            {(more > 0).then(|| view! { <span class="muted">{format!("+{more}")}</span> })}
        }
    };
    view! { {chips} }
}

#[component]
fn Tags(row: Memo<Slot>) -> impl IntoView {
    let tags =
        memo(move || row.with(|row| row.client().map(|client| client.tags.clone())).unwrap_or_default());
    move || {
        let tags = tags.get();
        let more = tags.len().saturating_sub(TAGS_SHOWN);
        let title = tags.join(", ");
        let chip = |tag: String| view! { <span class="chip tag">{tag}</span> };
        view! {
            <span class="fleet-tag-list" title=title>
                {tags.into_iter().take(TAGS_SHOWN).map(chip).collect_view()}
                {(more > 0).then(|| view! { <span class="muted">{format!("+{more}")}</span> })}
            </span>
        }
    }
}

fn label(object: u16, instances: usize) -> String {
    if instances > 1 { format!("{object} ×{instances}") } else { object.to_string() }
}

/// How many Objects there is room for, so that none is cut off.
fn shown(objects: &[(u16, usize)]) -> usize {
    let letters = objects.iter().scan(0, |sum, (object, instances)| {
        *sum += label(*object, *instances).chars().count() + CHIP_LETTERS;
        Some(*sum)
    });
    letters.take_while(|sum| *sum <= OBJECTS_LETTERS).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::client;

    #[test]
    fn as_many_objects_are_shown_as_there_is_room_for() {
        assert_eq!(shown(&[1, 3, 5, 7, 16, 3301, 3303].map(|object| (object, 1))), 4);
        assert_eq!(shown(&[(3, 1), (3303, 12), (10242, 1)]), 2);
        assert_eq!(shown(&[]), 0);
    }

    #[test]
    fn a_client_is_awake_asleep_overdue_or_gone() {
        let awake = client("a", &[]);
        assert_eq!(status(&awake, 1).1, "Awake");
        assert_eq!(status(&awake, 300_001).1, "Overdue");
        let asleep = Client { status: Status::Asleep, ..client("a", &[]) };
        assert_eq!(status(&asleep, 1).1, "Asleep");
        let gone = Client { status: Status::Deregistered, ..client("a", &[]) };
        assert_eq!(status(&gone, 300_001).1, "De-registered");
    }
}
