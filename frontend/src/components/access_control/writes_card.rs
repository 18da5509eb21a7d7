use leptos::prelude::*;

use crate::access_control::{Entry, Mark, Write, owner_told, writes};
use crate::format;
use crate::memo::memo;
use crate::pages::AccessControlState;

/// Each request, before it goes.
#[component]
pub(crate) fn WritesCard(state: AccessControlState) -> impl IntoView {
    let told = memo(move || {
        let format = state.format();
        state.plan.with(|plan| state.draft.with(|draft| writes(plan, draft.base(), format)))
    });
    let obstacles = memo(move || {
        state.plan.with(|plan| {
            plan.obstacles.iter().map(|it| (it.id, it.hindrance.to_string())).collect::<Vec<_>>()
        })
    });
    view! {
        <section class="card" aria-labelledby="writes-title" data-testid="writes-card">
            <div class="card-head">
                <h2 id="writes-title">"Will be written"</h2>
                <span class="muted" role="status">
                    {move || told.with(|told| (!told.is_empty()).then(|| format::plural(told.len(), "request")))}
                </span>
            </div>
            <div class="ac-writes">
                {move || told.with(Vec::is_empty).then(|| view! { <p class="muted">"Nothing: the device has it this way."</p> })}
                {move || told.get().into_iter().map(|write| view! { <WriteLine write=write /> }).collect_view()}
                {move || obstacles.get().into_iter().map(|(id, why)| view! {
                    <p class="ac-obstacle wrap" data-testid="obstacle"><code>{format!("/2/{id}")}</code>{format!(" stays: {why}")}</p>
                }).collect_view()}
            </div>
        </section>
    }
}

/// A Write: where, how much, and the list that it carries.
#[component]
pub(super) fn WriteLine(write: Write) -> impl IntoView {
    let Write { path, format, payload, entries, owner } = write;
    let title = format!("PUT {path}");
    let bytes = format::hex(&payload);
    let size = payload.len();
    let list = (!entries.is_empty()).then(|| {
        view! {
            <p class="ac-list mono">"{"{entries.iter().enumerate().map(entry_told).collect_view()}"}"</p>
        }
    });
    let owner = owner.map(|(before, after)| {
        view! {
            <p class="ac-list mono">
                "owner "<del>{owner_told(before)}</del>" "<ins>{owner_told(after)}</ins>
            </p>
        }
    });
    view! {
        <div class="ac-write" data-testid="write" data-path=path>
            <details>
                <summary><code>{title}</code><span class="muted">{format!(" {format}, {size} B")}</span></summary>
                <p class="mono ac-bytes wrap" data-testid="write-bytes">{bytes}</p>
            </details>
            {list}
            {owner}
        </div>
    }
}

fn entry_told((at, entry): (usize, &Entry)) -> impl IntoView + use<> {
    let letters = if entry.rights.is_empty() { vec![("nothing", entry.mark)] } else { entry.rights.clone() };
    let (whole, server) = (entry.mark, entry.server);
    let letter = move |(letter, mark): (&'static str, Mark)| match (whole, mark) {
        // The mark of the whole entry says it.
        (Mark::Added | Mark::Removed, _) | (_, Mark::On | Mark::Off) => {
            view! { " "<span>{letter}</span> }.into_any()
        }
        (_, Mark::Added) => view! { " "<ins>{letter}</ins> }.into_any(),
        (_, Mark::Removed) => view! { " "<del>{letter}</del> }.into_any(),
    };
    let content = view! { {format!("{server}:")} {letters.into_iter().map(letter).collect_view()} };
    let entry = match whole {
        Mark::Added => view! { <ins>{content}</ins> }.into_any(),
        Mark::Removed => view! { <del>{content}</del> }.into_any(),
        _ => view! { <span>{content}</span> }.into_any(),
    };
    view! { {(at > 0).then_some(", ")} {entry} }
}
